//! Reads migration files: their names, sections, directives, statements and checksums.
