/* <live-blog slug="…"> for any page. What this address means never changes:

     <script async src="https://news.example/embed/v1.js"></script>
     <live-blog slug="ukraine-war-latest"></live-blog>
     <live-blog slug="ukraine-war-latest" show="latest"></live-blog>

   Attributes: slug; show, "live" (the whole page, as usual) or "latest" (three lines); height, in
   pixels; title, for those who listen. The page is in a frame: nothing of it comes into yours. */
(() => {
  const base = new URL(".", document.currentScript.src);
  const HEIGHT = { live: 640, latest: 240 };

  class LiveBlog extends HTMLElement {
    static observedAttributes = ["slug", "show", "height", "title"];
    #frame = null;

    connectedCallback() {
      this.#draw();
    }

    attributeChangedCallback() {
      if (this.#frame) this.#draw();
    }

    #draw() {
      const slug = this.getAttribute("slug");
      if (!slug) return;
      const show = this.getAttribute("show") === "latest" ? "latest" : "live";
      const url = new URL(encodeURIComponent(slug), base);
      if (show === "latest") url.searchParams.set("show", show);
      if (!this.#frame) {
        this.#frame = document.createElement("iframe");
        this.#frame.loading = "lazy";
        this.#frame.allow = "fullscreen; web-share; clipboard-write";
        this.append(this.#frame);
      }
      const height = Number.parseInt(this.getAttribute("height"), 10);
      Object.assign(this.style, { display: "block" });
      Object.assign(this.#frame.style, {
        border: "0",
        width: "100%",
        height: `${height > 0 ? height : HEIGHT[show]}px`,
      });
      this.#frame.title = this.getAttribute("title") ?? `Live: ${slug}`;
      if (this.#frame.src !== url.href) this.#frame.src = url.href;
    }
  }

  if (!customElements.get("live-blog")) customElements.define("live-blog", LiveBlog);
})();
