//! Questions, asked only where somebody can answer. Each has a flag that answers it.

use super::exit::Exit;
use super::failure::{Failure, Outcome};
use std::io::IsTerminal;

/// Whether somebody can be asked.
pub fn can_ask() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Asks a question of yes and no; `flag` is what answers it on the command line.
///
/// # Errors
///
/// A refusal, if the answer is no or nobody can be asked.
pub fn confirm(question: &str, flag: &str) -> Outcome<()> {
    if !can_ask() {
        return Err(unanswered(question, flag));
    }
    match dialoguer::Confirm::new().with_prompt(question).default(false).interact() {
        Ok(true) => Ok(()),
        Ok(false) => Err(Failure::new(Exit::Refused, "nothing was done")),
        Err(dialoguer::Error::IO(error)) => Err(not_read(&error)),
    }
}

/// Asks a question of yes and no that both go on.
///
/// # Errors
///
/// A refusal, if nobody can be asked.
pub fn yes_or_no(question: &str, flag: &str) -> Outcome<bool> {
    if !can_ask() {
        return Err(unanswered(question, flag));
    }
    match dialoguer::Confirm::new().with_prompt(question).interact() {
        Ok(answer) => Ok(answer),
        Err(dialoguer::Error::IO(error)) => Err(not_read(&error)),
    }
}

/// Asks for a text.
///
/// # Errors
///
/// A refusal, if nobody can be asked.
pub fn text(question: &str, flag: &str) -> Outcome<String> {
    if !can_ask() {
        return Err(unanswered(question, flag));
    }
    match dialoguer::Input::<String>::new().with_prompt(question).allow_empty(true).interact_text() {
        Ok(answer) => Ok(answer),
        Err(dialoguer::Error::IO(error)) => Err(not_read(&error)),
    }
}

fn unanswered(question: &str, flag: &str) -> Failure {
    Failure::new(Exit::Refused, format!("{question} There is no terminal to answer at"))
        .help(format!("answer with {flag}"))
}

fn not_read(error: &std::io::Error) -> Failure {
    match error.kind() {
        std::io::ErrorKind::Interrupted => Failure::new(Exit::Interrupted, "interrupted"),
        _ => Failure::new(Exit::Refused, format!("the answer cannot be read: {error}")),
    }
}
