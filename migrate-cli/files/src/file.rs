use crate::directive::{Directives, Irreversible, Line, read};
use crate::error::{FileError, position};
use crate::file_name::{FileName, Part};
use crate::lexer::{Flavor, tokens};
use crate::section::Section;
use crate::transaction::escape_message;

/// A migration as it stands in a file, or in a pair of files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationFile {
    /// The number that orders it among the others.
    pub version: u64,
    /// The name in the file's name.
    pub name: String,
    /// The way up.
    pub up: Section,
    /// The way down, if there is one. A section that is blank, beside a way up that is not, is one that is not written yet;
    /// with a comment in it, it is one that has nothing to undo.
    pub down: Option<Section>,
    /// Set if the file says that there is no way down.
    pub irreversible: Option<Irreversible>,
}

/// Reads a migration from the text of one file: both sections, or an `.up.sql` without its other half.
///
/// # Errors
///
/// If the name is not that of a migration; for an unknown directive, SQL above the first marker, a marker that is missing or
/// there twice; and for what neither Postgres nor SQLite could run: see [`Section::statements`] and
/// [`Section::transaction_control`].
pub fn parse(path: &str, text: &str) -> Result<MigrationFile, FileError> {
    let name = FileName::parse(path).map_err(|message| FileError::whole(path, message))?;
    match name {
        Some(FileName { version, name, part: Part::Whole }) => whole(path, text, version, name),
        Some(FileName { version, name, part: Part::Up }) => pair(version, name, (path, text), None),
        Some(_) => Err(FileError::whole(path, "a way down alone: it needs the .up.sql of the same name beside it")),
        None => Err(FileError::whole(path, "not an SQL file: a migration is called <version>_<name>.sql")),
    }
}

/// A section while its lines are read.
struct Open {
    section: Section,
    start: usize,
    marker: usize,
    name: &'static str,
}

pub(crate) fn whole(path: &str, text: &str, version: u64, name: String) -> Result<MigrationFile, FileError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut header = Directives::default();
    let mut header_end = text.len();
    let mut irreversible = None;
    let mut sections: Vec<Open> = Vec::new();
    for line in lines(text) {
        let settings = match read(line.text)
            .map_err(|(column, message)| FileError::at(path, line.number, column, message))?
        {
            None => continue,
            Some(Line::Irreversible(reason)) => {
                irreversible = Some(Irreversible { reason, line: line.number });
                continue;
            }
            Some(Line::Settings(settings)) => settings,
            Some(marker @ (Line::Up(_) | Line::Down(_))) => {
                let (name, settings) = match marker {
                    Line::Down(settings) => ("down", settings),
                    Line::Up(settings) | Line::Settings(settings) => ("up", settings),
                    Line::Irreversible(_) => ("up", Vec::new()),
                };
                if let Some(first) = sections.iter().find(|open| open.name == name) {
                    let message =
                        format!("`-- migrate:{name}` stands here again: its section began on line {}", first.marker);
                    return Err(FileError::at(path, line.number, 1, message));
                }
                match sections.last_mut() {
                    Some(open) => {
                        open.section.text = text[open.start..line.start].to_owned();
                        open.section.next_marker = Some((line.number, name));
                    }
                    None => header_end = line.start,
                }
                let section = Section {
                    path: path.to_owned(),
                    text: text[line.end..].to_owned(),
                    line: line.number + 1,
                    directives: Directives::default(),
                    next_marker: None,
                };
                sections.push(Open { section, start: line.end, marker: line.number, name });
                settings
            }
        };
        let whole_file = sections.is_empty();
        let directives = sections.last_mut().map_or(&mut header, |open| &mut open.section.directives);
        for setting in settings {
            directives.add(setting, line.number, whole_file);
        }
    }
    if sections.is_empty() {
        let message = "no `-- migrate:up`: write it on a line above the SQL of the migration, and `-- migrate:down` above the \
                       SQL that undoes it";
        return Err(FileError::at(path, 1, 1, message));
    }
    refuse_sql(path, &text[..header_end])?;
    let mut up = None;
    let mut down = None;
    for mut open in sections {
        open.section.directives = header.with(&open.section.directives);
        validate(&open.section)?;
        if open.name == "up" { up = Some(open.section) } else { down = Some(open.section) }
    }
    let Some(up) = up else {
        return Err(FileError::at(path, 1, 1, "no `-- migrate:up`: write it on a line above the SQL of the migration"));
    };
    finish(MigrationFile { version, name, up, down, irreversible })
}

pub(crate) fn pair(
    version: u64,
    name: String,
    up: (&str, &str),
    down: Option<(&str, &str)>,
) -> Result<MigrationFile, FileError> {
    let (up, irreversible) = half(up.0, up.1, "up")?;
    let down = match down {
        None => None,
        Some((path, text)) => {
            let (down, stray) = half(path, text, "down")?;
            if let Some(Irreversible { line, .. }) = stray {
                return Err(FileError::at(
                    path,
                    line,
                    1,
                    "`migrate:irreversible` in a way down: remove one of the two",
                ));
            }
            Some(down)
        }
    };
    finish(MigrationFile { version, name, up, down, irreversible })
}

/// One file of a pair. Directives above its first statement hold for all of it.
fn half(path: &str, text: &str, name: &str) -> Result<(Section, Option<Irreversible>), FileError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let first = first_statement(text).map_or(usize::MAX, |offset| position(text, offset).0);
    let mut directives = Directives::default();
    let mut irreversible = None;
    for line in lines(text) {
        match read(line.text).map_err(|(column, message)| FileError::at(path, line.number, column, message))? {
            None => {}
            Some(Line::Irreversible(reason)) => irreversible = Some(Irreversible { reason, line: line.number }),
            Some(Line::Settings(settings)) => {
                for setting in settings {
                    directives.add(setting, line.number, line.number < first);
                }
            }
            Some(Line::Up(_) | Line::Down(_)) => {
                let message = format!(
                    "a marker in a .{name}.sql, whose SQL is all one section: remove it, or write both sections in one file \
                     <version>_<name>.sql"
                );
                return Err(FileError::at(path, line.number, 1, message));
            }
        }
    }
    let section = Section { path: path.to_owned(), text: text.to_owned(), line: 1, directives, next_marker: None };
    validate(&section)?;
    Ok((section, irreversible))
}

fn finish(file: MigrationFile) -> Result<MigrationFile, FileError> {
    match (&file.irreversible, &file.down) {
        (Some(irreversible), Some(_)) => {
            let message = "`migrate:irreversible`, and yet there is a way down: remove one of the two";
            Err(FileError::at(&file.up.path, irreversible.line, 1, message))
        }
        _ => Ok(MigrationFile { down: file.down.filter(|down| written(down) || !written(&file.up)), ..file }),
    }
}

/// Whether anything stands in a section; a comment is enough.
fn written(section: &Section) -> bool {
    !section.text.trim().is_empty()
}

/// Refuses a section that neither database could run. Which of them it is for is not known here: of two errors, that of the
/// one which can read the section is told, or else the later one, since what reads it wrongly stumbles early.
fn validate(section: &Section) -> Result<(), FileError> {
    let check = |flavor| match section.transaction_control(flavor) {
        Ok(None) => Ok(()),
        Ok(Some(statement)) => Err((true, section.error_at(&statement, escape_message(&statement)))),
        Err(error) => Err((false, error)),
    };
    let Err(postgres) = check(Flavor::Postgres) else { return Ok(()) };
    let Err(sqlite) = check(Flavor::Sqlite) else { return Ok(()) };
    let rank = |(reads, error): &(bool, FileError)| (*reads, error.line, error.column);
    Err(if rank(&sqlite) > rank(&postgres) { sqlite.1 } else { postgres.1 })
}

fn refuse_sql(path: &str, header: &str) -> Result<(), FileError> {
    match first_statement(header) {
        Some(offset) => {
            let (line, column) = position(header, offset);
            let message = "SQL above `-- migrate:up`: move it below, only comments and directives may stand here";
            Err(FileError::at(path, line, column, message))
        }
        None => Ok(()),
    }
}

/// The byte of the first token that is neither blank nor comment.
fn first_statement(text: &str) -> Option<usize> {
    match tokens(text, Flavor::Postgres).or_else(|error| tokens(text, Flavor::Sqlite).map_err(|_| error)) {
        Ok(tokens) => tokens.iter().find(|token| !token.is_trivia()).map(|token| token.start),
        Err(error) => Some(error.offset),
    }
}

struct TextLine<'a> {
    number: usize,
    text: &'a str,
    start: usize,
    end: usize,
}

fn lines(text: &str) -> impl Iterator<Item = TextLine<'_>> {
    let mut start = 0;
    text.split_inclusive('\n').enumerate().map(move |(index, line)| {
        let end = start + line.len();
        let found = TextLine { number: index + 1, text: line.trim_end_matches(['\n', '\r']), start, end };
        start = end;
        found
    })
}
