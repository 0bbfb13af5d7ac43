use std::time::Duration;

/// What a migration says about how it is to be run.
///
/// A directive is a comment on a line of its own: above `-- migrate:up` it is for both sections, within a section or on its
/// marker's line for that one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directives {
    /// Whether the section runs in one transaction with its version row; `-- migrate:no-transaction` makes it false.
    pub transaction: bool,
    /// How long a statement waits for a lock, from `-- migrate:lock-timeout 5s`.
    pub lock_timeout: Option<Duration>,
    /// Whether SQLite enforces foreign keys meanwhile; `-- migrate:foreign-keys off` makes it false, for the rebuild of a
    /// table that others refer to.
    pub foreign_keys: bool,
    /// The rules of lint that the file allows itself to break.
    pub lint_allow: Vec<LintAllow>,
}

/// A comment `-- lint:allow RULE reason`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LintAllow {
    /// The rule.
    pub rule: String,
    /// Why it may be broken here.
    pub reason: String,
    /// The line of the file.
    pub line: usize,
    /// Whether it stands above the sections and so holds for all statements; else for the next one.
    pub whole_file: bool,
}

/// A comment `-- migrate:irreversible reason`: the migration has no way back, on purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Irreversible {
    /// Why, if it says so.
    pub reason: Option<String>,
    /// The line of the file.
    pub line: usize,
}

impl Default for Directives {
    fn default() -> Self {
        Directives { transaction: true, lock_timeout: None, foreign_keys: true, lint_allow: Vec::new() }
    }
}

impl Directives {
    /// These with those of a section within.
    pub(crate) fn with(&self, section: &Directives) -> Directives {
        Directives {
            transaction: self.transaction && section.transaction,
            lock_timeout: section.lock_timeout.or(self.lock_timeout),
            foreign_keys: self.foreign_keys && section.foreign_keys,
            lint_allow: self.lint_allow.iter().chain(&section.lint_allow).cloned().collect(),
        }
    }

    pub(crate) fn add(&mut self, setting: Setting, line: usize, whole_file: bool) {
        match setting {
            Setting::NoTransaction => self.transaction = false,
            Setting::LockTimeout(limit) => self.lock_timeout = Some(limit),
            Setting::ForeignKeysOff => self.foreign_keys = false,
            Setting::Default => {}
            Setting::Allow { rule, reason } => self.lint_allow.push(LintAllow { rule, reason, line, whole_file }),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Setting {
    NoTransaction,
    LockTimeout(Duration),
    ForeignKeysOff,
    /// What holds anyway, written out.
    Default,
    Allow {
        rule: String,
        reason: String,
    },
}

/// A line with a directive.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    Up(Vec<Setting>),
    Down(Vec<Setting>),
    Irreversible(Option<String>),
    Settings(Vec<Setting>),
}

const KNOWN: [&str; 6] = ["up", "down", "irreversible", "no-transaction", "lock-timeout", "foreign-keys"];

/// Reads a line of a file: `None` if it holds no directive. An error is the message and the column.
pub(crate) fn read(line: &str) -> Result<Option<Line>, (usize, String)> {
    let column = |rest: &str| line[..line.len() - rest.len()].chars().count() + 1;
    // Only `lint:allow` may stand behind a statement: the others are about all of a section.
    let behind = line.rfind("-- lint:allow ").filter(|&start| line[..start].trim_end().ends_with(';'));
    let line_or_end = behind.map_or(line.trim_start(), |start| &line[start..]);
    let Some(comment) = line_or_end.strip_prefix("--") else { return Ok(None) };
    let comment = comment.trim_start();
    let found = if let Some(rest) = comment.strip_prefix("migrate:") {
        migrate(rest)
    } else if let Some(rest) = comment.strip_prefix("lint:") {
        lint(rest).map(|setting| Line::Settings(vec![setting]))
    } else {
        return Ok(None);
    };
    found.map(Some).map_err(|message| (column(comment), message))
}

fn migrate(rest: &str) -> Result<Line, String> {
    let rest = rest.trim();
    let (word, arguments) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    match word {
        "up" => settings(arguments).map(Line::Up),
        "down" => settings(arguments).map(Line::Down),
        "irreversible" => Ok(Line::Irreversible(Some(arguments.trim().to_owned()).filter(|reason| !reason.is_empty()))),
        _ => settings(rest)
            .and_then(|found| if found.is_empty() { Err(unknown(word)) } else { Ok(Line::Settings(found)) }),
    }
}

fn settings(text: &str) -> Result<Vec<Setting>, String> {
    let mut words = text.split_whitespace();
    let mut found = Vec::new();
    while let Some(word) = words.next() {
        let (name, value) = match word.split_once([':', '=']) {
            Some((name, value)) => (name, Some(value)),
            None => (word, None),
        };
        let mut value = || value.or_else(|| words.next());
        found.push(match name {
            "no-transaction" => Setting::NoTransaction,
            "transaction" => match value() {
                Some("false" | "off") => Setting::NoTransaction,
                Some("true" | "on") => Setting::Default,
                _ => return Err("`transaction` is true or false: write `-- migrate:no-transaction`".to_owned()),
            },
            "lock-timeout" => match value().and_then(duration) {
                Some(limit) => Setting::LockTimeout(limit),
                None => return Err("`lock-timeout` needs a time such as `5s`, `500ms` or `2m`".to_owned()),
            },
            "foreign-keys" => match value() {
                Some("off") => Setting::ForeignKeysOff,
                Some("on") => Setting::Default,
                _ => return Err("`foreign-keys` is `off` or `on`: write `-- migrate:foreign-keys off`".to_owned()),
            },
            _ => return Err(unknown(word)),
        });
    }
    Ok(found)
}

fn lint(rest: &str) -> Result<Setting, String> {
    let (word, rest) = rest.trim().split_once(char::is_whitespace).unwrap_or((rest.trim(), ""));
    if word != "allow" {
        return Err(format!("there is no directive `lint:{word}`: write `-- lint:allow RULE reason`"));
    }
    match rest.trim().split_once(char::is_whitespace) {
        Some((rule, reason)) => Ok(Setting::Allow { rule: rule.to_owned(), reason: reason.trim().to_owned() }),
        None if rest.trim().is_empty() => {
            Err("`lint:allow` names a rule and says why: write `-- lint:allow RULE reason`".to_owned())
        }
        None => Err(format!("`lint:allow` says why: write `-- lint:allow {} reason`", rest.trim())),
    }
}

fn unknown(word: &str) -> String {
    let nearest = KNOWN.iter().map(|known| (distance(word, known), known)).min();
    match nearest {
        Some((edits, known)) if edits <= known.len().div_ceil(3) => {
            format!("there is no directive `{word}`: did you mean `{known}`?")
        }
        _ => format!("there is no directive `{word}`: those of `-- migrate:` are {}", KNOWN.join(", ")),
    }
}

/// How many characters to insert, remove or replace to make one text of the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().take(64).enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, b) in row.iter_mut().skip(1).zip(&to) {
            let value = (diagonal + usize::from(a != *b)).min(left + 1).min(*cell + 1);
            diagonal = *cell;
            *cell = value;
            left = value;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0) + from.chars().count().saturating_sub(64)
}

/// A time such as `5s`: a whole number and ms, s, m, min or h.
fn duration(text: &str) -> Option<Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let number: u64 = text[..digits].parse().ok()?;
    let milliseconds = match &text[digits..] {
        "ms" => 1,
        "s" => 1000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    // What Postgres can hold as lock_timeout.
    number.checked_mul(milliseconds).filter(|total| *total <= i32::MAX as u64).map(Duration::from_millis)
}
