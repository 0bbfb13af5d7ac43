//! The consent that commands ask for which lose data.

use super::args::Consent;
use super::config::RepoConfig;
use super::exit::Exit;
use super::failure::{Failure, Outcome};
use super::prompt;
use super::url::DatabaseUrl;

/// When to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Always.
    Always,
    /// Only if the repo is protected.
    IfProtected,
}

/// Asks for consent to `action`, such as "drop the database app". A protected repo asks for the database's name besides.
///
/// # Errors
///
/// A refusal, if it is not given.
pub fn obtain(ask: Ask, action: &str, repo: &RepoConfig, url: &DatabaseUrl, consent: &Consent) -> Outcome<()> {
    if !repo.protected {
        return match (ask, consent.yes) {
            (Ask::IfProtected, _) | (_, true) => Ok(()),
            (Ask::Always, false) => prompt::confirm(&format!("{}?", capitalized(action)), "--yes"),
        };
    }
    let name = url.name();
    let flags = format!("--yes --database-name {name}");
    let refuse = |message: String| {
        Failure::new(Exit::Refused, message).note(format!("the repo `{}` is protected in peristyle.toml", repo.name))
    };
    match &consent.database_name {
        Some(given) if *given != name => {
            return Err(refuse(format!("--database-name is {given}, and the database is {name}")));
        }
        Some(_) if consent.yes => return Ok(()),
        _ if !prompt::can_ask() => {
            return Err(refuse(format!("to {action}, its name has to be given")).help(format!("add {flags}")));
        }
        _ => {}
    }
    let answer = prompt::text(&format!("To {action}, type its name"), &flags)?;
    match answer == name {
        true => Ok(()),
        false => Err(refuse("that is not the name: nothing was done".to_owned())),
    }
}

fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}
