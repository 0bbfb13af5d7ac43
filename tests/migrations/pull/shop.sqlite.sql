CREATE TABLE [Album] (
    [AlbumId] INTEGER NOT NULL,
    [Title] NVARCHAR(160) NOT NULL,
    [ArtistId] INTEGER NOT NULL,
    CONSTRAINT [PK_Album] PRIMARY KEY ([AlbumId]),
    FOREIGN KEY ([ArtistId]) REFERENCES [Artist] ([ArtistId])
);
CREATE TABLE [Artist] ([ArtistId] INTEGER NOT NULL PRIMARY KEY, [Name] NVARCHAR(120) DEFAULT 'nobody');
CREATE INDEX [IFK_AlbumArtistId] ON [Album] ([ArtistId]);
CREATE TABLE [Track] (
    [TrackId] INTEGER PRIMARY KEY AUTOINCREMENT,
    [AlbumId] INTEGER REFERENCES [Album],
    [UnitPrice] NUMERIC(10,2) NOT NULL DEFAULT 0.99,
    [AddedOn] DATETIME,
    [Active] BOOLEAN NOT NULL DEFAULT 1
);
CREATE TABLE [PlaylistTrack] (
    [PlaylistId] INTEGER NOT NULL REFERENCES [Playlist],
    [TrackId] INTEGER NOT NULL REFERENCES [Track],
    PRIMARY KEY ([PlaylistId], [TrackId])
);
CREATE TABLE [Playlist] ([PlaylistId] INTEGER PRIMARY KEY, [Name] TEXT);
CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, inserted_at TEXT NOT NULL, seen_at TEXT DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE [UserTrack] (
    [UserId] INTEGER NOT NULL CONSTRAINT [UserTrack_UserId_fkey] REFERENCES users ON DELETE CASCADE,
    [TrackId] INTEGER NOT NULL REFERENCES [Track],
    PRIMARY KEY ([UserId], [TrackId])
);
CREATE INDEX [IFK_UserTrackTrackId] ON [UserTrack] ([TrackId]);
