//! The exit codes of the command.

/// How the command ends. This is the one list of codes: the help and `docs/command.md` show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// All went well.
    Done = 0,
    /// What was asked about was found: pending migrations, differences, findings.
    Found = 1,
    /// The command line is wrong.
    Usage = 2,
    /// The configuration is wrong: `peristyle.toml`, `.env`, a variable, a URL.
    Configuration = 3,
    /// There is no connection, or no such database.
    Connection = 4,
    /// Another migration runs, or a lock was not to be had in time.
    Locked = 5,
    /// A migration, or another statement, failed.
    Failed = 6,
    /// The history and the files disagree: changed, missing or out of order.
    History = 7,
    /// Refused: protected, would lose data, or asked for consent that was not given.
    Refused = 8,
    /// A migration was left half done.
    Dirty = 9,
    /// A migration file or a struct cannot be read.
    Source = 10,
    /// A file cannot be read or written.
    File = 11,
    /// Interrupted.
    Interrupted = 130,
}

/// The list of codes at the end of the help.
pub const HELP: &str = "\
Exit codes:
    0  done
    1  found: pending migrations, differences, findings (--exit-code, --check, lint, check, verify)
    2  the command line is wrong
    3  the configuration is wrong: peristyle.toml, .env, a variable, a URL
    4  no connection, or no such database
    5  another migration runs, or a lock was not to be had in time
    6  a migration, or another statement, failed
    7  history and files disagree: changed, missing or out of order
    8  refused: protected, would lose data, or consent is missing
    9  a migration was left half done
   10  a migration file or a struct cannot be read
   11  a file cannot be read or written
  130  interrupted

`peristyle help COMMAND` has examples. The documentation is in docs/command.md.";

impl Exit {
    /// The number.
    pub fn code(self) -> u8 {
        self as u8
    }
}
