"""Static files under names that tell their content; as they are where `collectstatic` has not been run."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Files(CompressedManifestStaticFilesStorage):
    """WhiteNoise's storage, except that a file which was never collected is named plainly (and found by the finders).

    Else every page would end in an error, the error's page as well.
    """

    manifest_strict = False

    def stored_name(self, name):
        try:
            return super().stored_name(name)
        except ValueError:
            return name
