"""The owner's hands on the folder: images, and the rules and voice documents."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.sheets.drive_file import DriveFile, file_resource
from local.sheets.wire import GoogleError, invalid
from local.sheets.workspace import Workspace


class OwnersFiles:
    """One method per call."""

    def __init__(self, workspace: Workspace):
        self._workspace = workspace

    def routes(self) -> list[Route]:
        return [
            Route("/owner/files", self.list_files),
            Route("/owner/files/{name}", self.read_file),
            Route("/owner/files/{name}", self.put_file, methods=["PUT"]),
            Route("/owner/files/{name}", self.delete_file, methods=["DELETE"]),
            Route("/owner/rules", self.rules, methods=["GET", "PUT"]),
            Route("/owner/voice", self.voice, methods=["GET", "PUT"]),
        ]

    async def list_files(self, request: Request) -> Response:
        """What the folder shows."""
        shown = []
        for file in self._workspace.children(self._workspace.business().folder_id):
            resource = file_resource(file)
            shown.append(
                {
                    "id": file.file_id,
                    "name": file.name,
                    "mime": file.mime_type,
                    "md5": resource.get("md5Checksum"),
                    "size": len(file.content) if file.content is not None else None,
                    "version": file.version,
                }
            )
        return JSONResponse({"version": self._workspace.sequence, "files": shown})

    async def read_file(self, request: Request) -> Response:
        """The bytes of an image."""
        file = self._named(request)
        if file.content is None:
            raise invalid(f"{file.name} is no file with bytes")
        return Response(file.content, media_type=file.mime_type, headers={"X-Content-Type-Options": "nosniff"})

    async def put_file(self, request: Request) -> Response:
        """Uploads, or replaces by a new version under the same id."""
        folder = self._workspace.business().folder_id
        known = self._workspace.by_name(request.path_params["name"], folder)
        if known is not None and known.is_google_type:
            raise invalid(f"{known.name} is a document; it has its own place to write")
        mime_type = (request.headers.get("content-type") or "").partition(";")[0].strip()
        kind = mime_type if mime_type not in ("", "application/octet-stream") else None
        file = self._workspace.put_content(request.path_params["name"], kind, folder, await request.body())
        resource = file_resource(file)
        return JSONResponse(
            {"id": file.file_id, "name": file.name, "md5": resource["md5Checksum"], "version": file.version}
        )

    async def delete_file(self, request: Request) -> Response:
        """Deletes for good."""
        file = self._named(request)
        if file.is_google_type:
            raise invalid(f"{file.name} stays: the business needs it")
        self._workspace.remove(file.file_id)
        return JSONResponse({"version": self._workspace.sequence})

    def _named(self, request: Request) -> DriveFile:
        name = request.path_params["name"]
        file = self._workspace.by_name(name, self._workspace.business().folder_id)
        if file is None:
            raise GoogleError(404, f"no file {name} in the folder")
        return file

    async def rules(self, request: Request) -> Response:
        """The rules document as text."""
        return await self._document(request, self._workspace.business().rules_id)

    async def voice(self, request: Request) -> Response:
        """The voice document as text."""
        return await self._document(request, self._workspace.business().voice_id)

    async def _document(self, request: Request, file_id: str) -> Response:
        file = self._workspace.file(file_id)
        if request.method == "PUT":
            content = await request.body()
            try:
                content.decode()
            except UnicodeDecodeError as error:
                raise invalid(f"{file.name} must be UTF-8 text: {error}") from error
            file.content = content
            self._workspace.edit(file_id)
            return JSONResponse({"version": self._workspace.sequence})
        return Response(file.content or b"", media_type="text/plain; charset=utf-8")
