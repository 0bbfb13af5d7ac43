//! The grammar of the attributes: `#[schema(name, name = value, name(..))]`.

use crate::errors::{Errors, suggestion};
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use std::fmt::Display;
use std::str::FromStr;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Ident, Lit, LitStr, Meta, Token, parenthesized, token};

/// One entry of an attribute.
pub(crate) struct Entry {
    /// Its name, which may be a keyword.
    pub name: Ident,
    /// What follows the name.
    pub value: Value,
}

/// What follows the name of an entry.
pub(crate) enum Value {
    /// Nothing: `unique`.
    Flag,
    /// `= value`.
    Assigned(Expr),
    /// `(..)`.
    List(Vec<Argument>),
}

/// One argument of a list.
pub(crate) enum Argument {
    /// A name, alone or with a value.
    Entry(Entry),
    /// A literal.
    Literal(Lit),
}

impl Parse for Entry {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let name = input.call(Ident::parse_any)?;
        let value = if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            Value::Assigned(input.parse()?)
        } else if input.peek(token::Paren) {
            let content;
            parenthesized!(content in input);
            let arguments = content.parse_terminated(Argument::parse, Token![,])?;
            Value::List(arguments.into_iter().collect())
        } else {
            Value::Flag
        };
        Ok(Entry { name, value })
    }
}

impl Parse for Argument {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        if input.peek(Lit) && !input.peek(syn::LitBool) {
            input.parse().map(Argument::Literal)
        } else {
            input.parse().map(Argument::Entry)
        }
    }
}

impl ToTokens for Argument {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Argument::Entry(entry) => entry.name.to_tokens(tokens),
            Argument::Literal(literal) => literal.to_tokens(tokens),
        }
    }
}

/// The entries of all `#[attribute(..)]` among `attributes`.
pub(crate) fn entries(attributes: &[Attribute], attribute: &str, errors: &mut Errors) -> Vec<Entry> {
    let mut entries = Vec::new();
    for found in attributes.iter().filter(|found| found.path().is_ident(attribute)) {
        match &found.meta {
            Meta::List(list) => {
                let parsed = list.parse_args_with(Punctuated::<Entry, Token![,]>::parse_terminated);
                entries.extend(errors.keep(parsed).into_iter().flatten());
            }
            _ => errors.at(found, format!("write `#[{attribute}(..)]`, with the attributes in parentheses")),
        }
    }
    entries
}

/// Reports the entries that are given twice, except those that may repeat.
pub(crate) fn refuse_repeated(entries: &[Entry], repeatable: &[&str], errors: &mut Errors) {
    for (position, entry) in entries.iter().enumerate() {
        let earlier = &entries[..position];
        if earlier.iter().any(|earlier| earlier.name == entry.name) && !repeatable.iter().any(|name| entry.is(name)) {
            errors.at(&entry.name, format!("`{}` is given twice", entry.name));
        }
    }
}

impl Entry {
    /// Whether this is its name.
    pub fn is(&self, name: &str) -> bool {
        self.name == name
    }

    /// Where its name is.
    pub fn span(&self) -> Span {
        self.name.span()
    }

    /// An error that points at the entry, or at its value.
    pub fn error(&self, message: impl Display) -> syn::Error {
        match &self.value {
            Value::Assigned(value) => syn::Error::new_spanned(value, message),
            _ => syn::Error::new(self.name.span(), message),
        }
    }

    /// The error of a name that is not among `known`.
    pub fn unknown(&self, place: &str, known: &[&str]) -> syn::Error {
        let name = self.name.to_string();
        let suggestion = suggestion(&name, known.iter().copied());
        let message = format!("unknown {place} attribute `{name}`{suggestion} (known: {})", known.join(", "));
        syn::Error::new(self.name.span(), message)
    }

    /// Checks that nothing follows the name.
    pub fn flag(&self) -> syn::Result<()> {
        match &self.value {
            Value::Flag => Ok(()),
            _ => Err(self.error(format!("`{0}` takes no value: write `{0}`", self.name))),
        }
    }

    /// The text after `=`; `example` is one that the error shows.
    pub fn string(&self, example: &str) -> syn::Result<LitStr> {
        match self.assigned() {
            Some(Expr::Lit(ExprLit { lit: Lit::Str(text), .. })) if !text.value().trim().is_empty() => Ok(text.clone()),
            _ => Err(self.error(format!("`{0}` takes a text: write `{0} = \"{example}\"`", self.name))),
        }
    }

    /// `true` or `false` after `=`.
    pub fn boolean(&self) -> syn::Result<bool> {
        match self.assigned() {
            Some(Expr::Lit(ExprLit { lit: Lit::Bool(value), .. })) => Ok(value.value),
            _ => Err(self.error(format!("`{0}` takes true or false: write `{0} = false`", self.name))),
        }
    }

    /// The number after `=`; `example` is one that the error shows.
    pub fn number<N: FromStr<Err: Display> + Display>(&self, example: N) -> syn::Result<N> {
        let number = match self.assigned() {
            Some(Expr::Lit(ExprLit { lit: Lit::Int(number), .. })) => number.base10_parse().ok(),
            _ => None,
        };
        number.ok_or_else(|| self.error(format!("`{0}` takes a whole number: write `{0} = {example}`", self.name)))
    }

    /// The single word after `=`, if there is one.
    pub fn word(&self) -> Option<String> {
        match self.assigned() {
            Some(Expr::Path(path)) => path.path.get_ident().map(Ident::to_string),
            _ => None,
        }
    }

    /// The expression after `=`, if there is one; without the invisible group around what a `macro_rules!` macro received.
    pub fn assigned(&self) -> Option<&Expr> {
        let Value::Assigned(value) = &self.value else { return None };
        let mut value = value;
        while let Expr::Group(group) = value {
            value = &group.expr;
        }
        Some(value)
    }

    /// The arguments in parentheses; `example` is how the error shows them.
    pub fn list(&self, example: &str) -> syn::Result<&[Argument]> {
        match &self.value {
            Value::List(arguments) if !arguments.is_empty() => Ok(arguments),
            _ => Err(self.error(format!("`{0}` takes a list: write `{0}({example})`", self.name))),
        }
    }

    /// The path of the facade crate, of `crate = ".."`.
    pub fn crate_path(&self) -> syn::Result<syn::Path> {
        let text = self.string("my_reexports::peristyle")?;
        text.parse_with(syn::Path::parse_mod_style).map_err(|_| {
            self.error("`crate` takes the path of a crate or module: write `crate = \"my_reexports::peristyle\"`")
        })
    }
}

/// The facade crate's usual path.
pub(crate) fn default_crate() -> syn::Path {
    syn::parse_quote!(::peristyle)
}

/// The entry as it was written, near enough for tests and messages.
impl ToTokens for Entry {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let name = &self.name;
        tokens.extend(match &self.value {
            Value::Flag => quote!(#name),
            Value::Assigned(value) => quote!(#name = #value),
            Value::List(arguments) => quote!(#name(#(#arguments),*)),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    fn parsed(attribute: Attribute) -> Result<Vec<Entry>, String> {
        let mut errors = Errors::default();
        let entries = entries(&[attribute], "schema", &mut errors);
        errors.finish(entries).map_err(|error| error.to_string())
    }

    #[test]
    fn flags_values_and_lists_are_told_apart() {
        let entries = parsed(parse_quote!(#[schema(virtual, size = 3, index(a, where = "x", "y"))])).unwrap();
        assert!(entries[0].is("virtual") && entries[0].flag().is_ok());
        assert_eq!(entries[1].number(1u32).unwrap(), 3);
        assert_eq!(entries[2].list("a").unwrap().len(), 3);
    }

    #[test]
    fn values_of_the_wrong_kind_say_what_to_write() {
        let entries = parsed(parse_quote!(#[schema(unique = 1, size = "x", table, managed = 1, index)])).unwrap();
        assert_eq!(entries[0].flag().unwrap_err().to_string(), "`unique` takes no value: write `unique`");
        assert_eq!(
            entries[1].number(160u32).unwrap_err().to_string(),
            "`size` takes a whole number: write `size = 160`"
        );
        assert_eq!(
            entries[2].string("users").unwrap_err().to_string(),
            "`table` takes a text: write `table = \"users\"`"
        );
        assert!(entries[3].boolean().unwrap_err().to_string().contains("write `managed = false`"));
        assert!(entries[4].list("a, b").err().unwrap().to_string().contains("write `index(a, b)`"));
    }

    #[test]
    fn values_that_a_macro_received_are_the_same() {
        let group = |tokens| proc_macro2::Group::new(proc_macro2::Delimiter::None, tokens);
        let (table, size) = (group(quote!("users")), group(quote!(3)));
        let entries = parsed(parse_quote!(#[schema(table = #table, size = #size)])).unwrap();
        assert_eq!(entries[0].string("x").unwrap().value(), "users");
        assert_eq!(entries[1].number(1u32).unwrap(), 3);
    }

    #[test]
    fn an_attribute_without_parentheses_is_refused() {
        assert!(parsed(parse_quote!(#[schema])).err().unwrap().contains("`#[schema(..)]`"));
        assert!(parsed(parse_quote!(#[schema = "x"])).err().unwrap().contains("`#[schema(..)]`"));
    }

    #[test]
    fn an_unknown_name_lists_the_known_ones() {
        let entries = parsed(parse_quote!(#[schema(uniqe)])).unwrap();
        assert_eq!(
            entries[0].unknown("field", &["unique", "index"]).to_string(),
            "unknown field attribute `uniqe`; did you mean `unique`? (known: unique, index)"
        );
    }
}
