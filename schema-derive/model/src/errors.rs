//! Gathers the errors of an item, so that all of them are reported at once.

use quote::ToTokens;
use std::fmt::Display;

/// The errors found so far.
#[derive(Default)]
pub(crate) struct Errors(Option<syn::Error>);

impl Errors {
    /// Adds an error that points at `tokens`.
    pub fn at(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.push(syn::Error::new_spanned(tokens, message));
    }

    /// Adds an error.
    pub fn push(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(errors) => errors.combine(error),
            None => self.0 = Some(error),
        }
    }

    /// Keeps a value, or the error instead.
    pub fn keep<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    /// `value`, if there was no error.
    pub fn finish<T>(self, value: T) -> syn::Result<T> {
        match self.0 {
            Some(errors) => Err(errors),
            None => Ok(value),
        }
    }
}

/// `; did you mean `x`?` if one of `known` is close to `given`, or nothing.
pub(crate) fn suggestion<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let begun = |known: &str| given.len() >= 4 && known.starts_with(given);
    let close = known.into_iter().map(|known| (if begun(known) { 0 } else { distance(given, known) }, known)).min();
    match close {
        Some((distance, known)) if distance <= 1 + given.len() / 4 => format!("; did you mean `{known}`?"),
        _ => String::new(),
    }
}

/// How many letters must be inserted, removed or replaced to turn `a` into `b` (Levenshtein's distance).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_miss_is_suggested() {
        assert_eq!(suggestion("uniqe", ["index", "unique"]), "; did you mean `unique`?");
        assert_eq!(suggestion("emial", ["id", "email"]), "; did you mean `email`?");
        assert_eq!(suggestion("rename", ["crate", "rename_all"]), "; did you mean `rename_all`?");
    }

    #[test]
    fn something_else_is_not() {
        assert_eq!(suggestion("flavour", ["index", "unique"]), "");
        assert_eq!(suggestion("x", []), "");
    }

    #[test]
    fn all_errors_are_reported_at_once() {
        let mut errors = Errors::default();
        errors.at(quote::quote!(a), "first");
        assert_eq!(errors.keep(Ok(3)), Some(3));
        assert_eq!(errors.keep::<()>(Err(syn::Error::new(proc_macro2::Span::call_site(), "second"))), None);
        let messages: Vec<String> = errors.finish(()).unwrap_err().into_iter().map(|error| error.to_string()).collect();
        assert_eq!(messages, ["first", "second"]);
    }
}
