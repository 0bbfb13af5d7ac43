//! Mistakes in `peristyle.toml`, with what was probably meant.

use super::{Source, in_file};
use crate::cli::failure::Failure;

/// The failure for what the parser refused.
pub(super) fn failure(source: &Source, error: &toml::de::Error) -> Failure {
    let span = error.span().unwrap_or(0..0);
    let message = error.message();
    // Names stand in backticks: first the one that is wrong, then those that there are.
    let mut names = message.split('`').skip(1).step_by(2);
    let (unknown, known) = (names.next(), names.collect::<Vec<_>>());
    let kind = ["unknown field", "unknown variant"].into_iter().find(|kind| message.starts_with(kind));
    let (Some(kind), Some(unknown)) = (kind, unknown) else {
        return in_file(Some(source), span, message, "here");
    };
    let what = if kind == "unknown field" { "key" } else { "value" };
    let label = match nearest(unknown, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("no such {what}"),
    };
    let failure = in_file(Some(source), span, format!("unknown {what} `{unknown}`"), &label);
    failure.help(format!("there are {}", known.join(", ")))
}

/// The candidate that a name was probably meant to be.
pub fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let scored = candidates.map(|candidate| (strsim::jaro_winkler(name, candidate), candidate));
    scored.filter(|(score, _)| *score > 0.75).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, candidate)| candidate)
}
