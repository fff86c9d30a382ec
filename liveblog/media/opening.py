"""The storage that the settings name."""

from liveblog.config import Settings
from liveblog.media.disk import Disk
from liveblog.media.storage import Storage


def open_storage(settings: Settings) -> Storage:
    """The storage: a folder in the data folder, or a bucket. Nothing is connected yet."""
    if not settings.media_url:
        return Disk(settings.folder / "media")
    # Not needed by those who keep their media in a folder, and slow to load.
    from liveblog.media.s3 import S3

    bucket, _, prefix = settings.media_url.removeprefix("s3://").partition("/")
    return S3(
        bucket,
        prefix.strip("/"),
        endpoint=settings.media_endpoint,
        region=settings.media_region,
        key_id=settings.media_key_id,
        secret=settings.media_secret_key,
    )
