//! Why the command ends without having done what it was asked for.

use super::exit::Exit;
use super::program;
use annotate_snippets::{AnnotationKind, Element, Level, Renderer, Snippet};
use peristyle_query::error::{DatabaseError, Error};
use std::fmt::Display;
use std::ops::Range;
use std::path::Path;

/// A failure: the exit code, a sentence, the place, and what to do next.
#[derive(Debug)]
pub struct Failure(Box<Inner>);

#[derive(Debug)]
struct Inner {
    exit: Exit,
    message: String,
    excerpt: Option<Excerpt>,
    notes: Vec<String>,
    help: Vec<String>,
}

/// The place in a text that a failure is about.
#[derive(Debug)]
struct Excerpt {
    path: String,
    text: String,
    first_line: usize,
    span: Range<usize>,
    label: String,
}

/// What a command gives.
pub type Outcome<T = Exit> = Result<T, Failure>;

impl Failure {
    /// A failure with this sentence.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        let message = program::called(&message.into());
        Failure(Box::new(Inner { exit, message, excerpt: None, notes: Vec::new(), help: Vec::new() }))
    }

    /// A mistake on the command line that clap cannot see.
    pub fn usage(message: impl Into<String>) -> Self {
        Failure::new(Exit::Usage, message)
    }

    /// A file that cannot be read or written.
    pub fn file(path: &Path, doing: &str, error: &std::io::Error) -> Self {
        Failure::new(Exit::File, format!("{} cannot be {doing}: {error}", path.display()))
    }

    /// The same with another exit code.
    pub fn exit(mut self, exit: Exit) -> Self {
        self.0.exit = exit;
        self
    }

    /// Adds the next step.
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.0.help.push(program::called(&text.into()));
        self
    }

    /// Adds something to know.
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.0.notes.push(text.into());
        self
    }

    /// Shows the place in a text: `span` in bytes of `text`, which begins at line `first_line` of the file.
    pub fn at(mut self, path: impl Display, text: &str, first_line: usize, span: Range<usize>, label: &str) -> Self {
        let boundary = |mut index: usize| {
            index = index.min(text.len());
            while !text.is_char_boundary(index) {
                index -= 1;
            }
            index
        };
        let start = boundary(span.start);
        let span = start..boundary(span.end.max(start));
        let (path, text, label) = (path.to_string(), text.to_owned(), label.to_owned());
        self.0.excerpt = Some(Excerpt { path, text, first_line, span, label });
        self
    }

    /// How the command ends.
    pub fn code(&self) -> Exit {
        self.0.exit
    }

    /// The sentence.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The whole text, with colours if they are wanted.
    pub fn render(&self, colors: bool) -> String {
        let mut elements: Vec<Element<'_>> = Vec::new();
        if let Some(excerpt) = &self.0.excerpt {
            let annotation = AnnotationKind::Primary.span(excerpt.span.clone()).label(&excerpt.label);
            let snippet = Snippet::source(&excerpt.text).line_start(excerpt.first_line).path(&excerpt.path);
            elements.push(snippet.annotation(annotation).into());
        }
        elements.extend(self.0.notes.iter().map(|note| Level::NOTE.message(note).into()));
        elements.extend(self.0.help.iter().map(|help| Level::HELP.message(help).into()));
        let renderer = if colors { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&[Level::ERROR.primary_title(&self.0.message).elements(elements)])
    }
}

/// What a database's error says, without the line of this program that it came from.
pub fn spoken(error: &Error) -> String {
    let text = error.to_string();
    match text.rsplit_once("\n  at: ") {
        Some((text, _)) if error.context().is_some_and(|context| context.location().is_some()) => text.to_owned(),
        _ => text,
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let message = spoken(&error);
        if error.is_connection() {
            // What a store does not accept of a URL is a mistake of the configuration.
            let of_url = message.contains(" connection: the URL ");
            let exit = if of_url { Exit::Configuration } else { Exit::Connection };
            let failure = Failure::new(exit, &message);
            return match message.contains("TLS is asked for") {
                true => failure.help(
                    "build the command with TLS, for example: \
                     cargo install --path migrate-cli --features tls-rustls-ring",
                ),
                false => failure,
            };
        }
        let Error::Database(database) = &error else { return Failure::new(Exit::Failed, message) };
        let code = database.code.as_deref().map_or_else(String::new, |code| format!(" ({code})"));
        let mut failure = Failure::new(Exit::Failed, format!("{}: {}{code}", database.store, database.message));
        if let Some(statement) = error.context().and_then(|context| context.statement()) {
            let start = database.position.and_then(|position| statement.char_indices().nth(position.checked_sub(1)?));
            if let Some((start, _)) = start {
                let word = statement[start..].find(|c: char| !c.is_alphanumeric() && c != '_');
                let end = start + word.unwrap_or(statement.len() - start).max(1);
                failure = failure.at("the statement", statement, 1, start..end, "");
            }
        }
        noted(failure, database)
    }
}

/// Adds the detail and the hint of a database's error, but for hints about structs: the statement is a person's own.
pub fn noted(failure: Failure, error: &DatabaseError) -> Failure {
    let hint = error.hint.iter().filter(|hint| !hint.contains("struct") && !hint.contains("schema"));
    error.detail.iter().chain(hint).fold(failure, |failure, text| failure.note(text.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_shows_the_place_and_the_next_step() {
        let failure = Failure::new(Exit::Configuration, "unknown key `urll`")
            .at("peristyle.toml", "[repo.default]\nurll = 1\n", 1, 15..19, "did you mean `url`?")
            .help("remove it");
        insta::assert_snapshot!(failure.render(false), @r"
        error: unknown key `urll`
         --> peristyle.toml:2:1
          |
        2 | urll = 1
          | ^^^^ did you mean `url`?
          |
          = help: remove it
        ");
    }

    #[test]
    fn a_place_inside_of_a_character_does_not_panic() {
        let failure = Failure::new(Exit::Failed, "x").at("a.sql", "select 'ä'", 1, 9..90, "here");
        assert!(failure.render(false).contains("here"));
    }
}
