"""The desk: what managers do about tickets; see ticket_desk."""
