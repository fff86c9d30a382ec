/* The sizes of a picture. Pure. */

/** The address of the smallest size that is at least so wide; of the picture itself where there
    is none. */
export function fitting({ url, renditions = [] }, wide) {
  const still = renditions.filter(({ width, type }) => width >= wide && type === "image/webp");
  return still.sort((one, other) => one.width - other.width)[0]?.url ?? url;
}
