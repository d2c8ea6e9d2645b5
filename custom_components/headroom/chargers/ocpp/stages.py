"""How far an update or an upload is, in the words that all versions of OCPP share."""

from typing import Final

from ..maintenance import FirmwareStage, LogKind, UploadStage
from .fields import as_text

LONGEST_NAME: Final = 50
"""Characters of what a station calls an event; as long as OCPP allows."""
_FIRMWARE: Final = {
    "Idle": FirmwareStage.IDLE,
    "DownloadScheduled": FirmwareStage.WAITING,
    "DownloadPaused": FirmwareStage.WAITING,
    "Downloading": FirmwareStage.DOWNLOADING,
    "Downloaded": FirmwareStage.DOWNLOADED,
    "SignatureVerified": FirmwareStage.DOWNLOADED,
    "InstallScheduled": FirmwareStage.DOWNLOADED,
    "Installing": FirmwareStage.INSTALLING,
    "InstallRebooting": FirmwareStage.INSTALLING,
    "Installed": FirmwareStage.INSTALLED,
    "DownloadFailed": FirmwareStage.DOWNLOAD_FAILED,
    "InstallationFailed": FirmwareStage.INSTALLATION_FAILED,
    "InstallVerificationFailed": FirmwareStage.INSTALLATION_FAILED,
    "InvalidSignature": FirmwareStage.SIGNATURE_REFUSED,
}
_UPLOADS: Final = {
    "Idle": UploadStage.IDLE,
    "AcceptedCanceled": UploadStage.IDLE,
    "Uploading": UploadStage.UPLOADING,
    "Uploaded": UploadStage.UPLOADED,
}
LOG_TYPES: Final = {LogKind.DIAGNOSTICS: "DiagnosticsLog", LogKind.SECURITY: "SecurityLog"}


def firmware_stage(status: object) -> FirmwareStage | None:
    """Return how far an update is; None for a word that nobody knows."""
    return _FIRMWARE.get(as_text(status) or "")


def upload_stage(status: object) -> tuple[UploadStage, str]:
    """Return how far an upload is, also in the station's own word."""
    word = as_text(status) or ""
    return _UPLOADS.get(word, UploadStage.FAILED), word[:LONGEST_NAME]
