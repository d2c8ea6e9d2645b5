"""Updates and uploads, in the words that all versions of OCPP share."""

from typing import Final

from ..maintenance import FirmwareStage, LogKind, LogRequest, UploadStage
from .fields import as_text, to_wire

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


def log_span(url: str, request: LogRequest) -> dict[str, object]:
    """Return where a log is to be sent, and the time that it is about."""
    span: dict[str, object] = {"remote_location": url}
    if request.since is not None:
        span["oldest_timestamp"] = to_wire(request.since)
    if request.until is not None:
        span["latest_timestamp"] = to_wire(request.until)
    return span
