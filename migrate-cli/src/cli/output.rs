//! What the command prints: results on the standard output, everything else on the standard error.

use super::args::{Color, Global};
use super::program;
use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use std::io::{IsTerminal, Write};
use std::sync::OnceLock;

/// Bold.
pub const BOLD: Style = Style::new().bold();
/// What is in the background.
pub const FAINT: Style = Style::new().dimmed();
/// What went well.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// What wants attention.
pub const WARN: Style = AnsiColor::Yellow.on_default();
/// What went wrong.
pub const BAD: Style = AnsiColor::Red.on_default();

static LOST: OnceLock<std::io::Error> = OnceLock::new();

/// Where the command prints, and how much.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    choice: ColorChoice,
    quiet: bool,
    verbose: bool,
}

impl Output {
    /// The output that the options of the command line ask for.
    pub fn new(global: &Global) -> Self {
        let choice = match global.color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        Output { choice, quiet: global.quiet, verbose: global.verbose }
    }

    /// Prints a line of the result.
    pub fn result(&self, line: impl AsRef<str>) {
        self.raw(&format!("{}\n", line.as_ref()));
    }

    /// Prints text of the result as it is. A reader that went away, such as `head`, is no error; what else keeps the text
    /// from being written is kept for [`lost`](Self::lost).
    pub fn raw(&self, text: &str) {
        let mut stdout = AutoStream::new(std::io::stdout(), self.choice);
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                // The first reason stays.
                let _ = LOST.set(error);
            }
            _ => {}
        }
    }

    /// Why a part of the result was not written, such as a full disk.
    pub fn lost(&self) -> Option<&'static std::io::Error> {
        LOST.get()
    }

    /// Prints a value as JSON.
    pub fn json(&self, value: &serde_json::Value) {
        self.raw(&format!("{value:#}\n"));
    }

    /// Prints a line that tells what happens, unless --quiet.
    pub fn say(&self, line: impl AsRef<str>) {
        if !self.quiet {
            self.result(program::called(line.as_ref()));
        }
    }

    /// Prints a line on the standard error, unless --quiet.
    pub fn note(&self, line: impl AsRef<str>) {
        if !self.quiet {
            self.error_line(&program::called(line.as_ref()));
        }
    }

    /// Prints a warning on the standard error.
    pub fn warn(&self, line: impl AsRef<str>) {
        self.error_line(&format!("{WARN}warning{WARN:#}: {}", line.as_ref()));
    }

    /// Prints a statement on the standard error, if --verbose.
    pub fn sql(&self, statement: &str) {
        if self.verbose {
            let indented = statement.trim_end().replace('\n', "\n     ");
            self.error_line(&format!("{FAINT}     {indented}{FAINT:#}"));
        }
    }

    /// Prints text on the standard error.
    pub fn error_line(&self, text: &str) {
        let mut stderr = AutoStream::new(std::io::stderr(), self.choice);
        let _ = stderr.write_all(format!("{text}\n").as_bytes());
    }

    /// Whether the standard output takes colours.
    pub fn colors(&self) -> bool {
        match self.choice {
            ColorChoice::Auto => AutoStream::choice(&std::io::stdout()) != ColorChoice::Never,
            choice => choice != ColorChoice::Never,
        }
    }

    /// Whether the standard error takes colours.
    pub fn error_colors(&self) -> bool {
        match self.choice {
            ColorChoice::Auto => AutoStream::choice(&std::io::stderr()) != ColorChoice::Never,
            choice => choice != ColorChoice::Never,
        }
    }

    /// Whether somebody sees the standard error, and may be shown that something goes on.
    pub fn is_watched(&self) -> bool {
        !self.quiet && std::io::stderr().is_terminal()
    }
}

/// `1 migration`, `2 migrations`.
pub fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// A table of text, with two blanks between the columns.
///
/// ```text
/// state    version         name
/// up       20261122143000  add_posts
/// ```
pub fn columns(header: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain([header[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded = cells.zip(&widths).map(|(cell, &width)| format!("{cell:<width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut text = format!("{BOLD}{}{BOLD:#}\n", line(&mut header.iter().copied()));
    for row in rows {
        text += &line(&mut row.iter().map(String::as_str));
        text.push('\n');
    }
    text
}
