//! Validations of a params struct's field: `#[validate(format = "..", length(max = 160))]`.

use crate::errors::{Errors, suggestion};
use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Ident, Lit, LitStr, Meta, Path, Token, parenthesized, token};

/// One validation of a field.
#[derive(Clone, Debug)]
pub struct Validation {
    /// Where its name is.
    pub span: Span,
    /// What it demands.
    pub rule: Rule,
    /// The message, if not the usual one.
    pub message: Option<LitStr>,
}

/// What a validation demands of a value.
#[derive(Clone, Debug)]
pub enum Rule {
    /// It matches this pattern.
    Format(Expr),
    /// It is one of these: a list or a range.
    Inclusion(Expr),
    /// It is none of these: a list or a range.
    Exclusion(Expr),
    /// All of its items are among these.
    Subset(Expr),
    /// It is so long.
    Length(Bounds, Option<Ident>),
    /// It is so great.
    Number(Bounds),
    /// It is true.
    Acceptance,
    /// The field `.._confirmation` is the same; it must be there if this is true.
    Confirmation {
        /// Whether the confirmation must be there.
        required: bool,
    },
    /// This function finds nothing wrong with it.
    Custom(Path),
}

/// The bounds of a length or a number.
#[derive(Clone, Debug)]
pub enum Bounds {
    /// A range, or one number.
    Range(Expr),
    /// Each by its name, such as `min`.
    Named(Vec<(Ident, Expr)>),
}

/// What `#[validate(..)]` says of a field.
#[derive(Default)]
pub(crate) struct Validations {
    pub list: Vec<Validation>,
    /// `required`, with its message.
    pub required: Option<Option<LitStr>>,
}

const KNOWN: &[&str] = &[
    "required",
    "format",
    "inclusion",
    "exclusion",
    "subset",
    "length",
    "number",
    "acceptance",
    "confirmation",
    "custom",
];
const LENGTHS: &[&str] = &["min", "max", "equal", "count"];
const NUMBERS: &[&str] = &["gt", "gte", "lt", "lte", "eq", "ne"];
const COUNTS: &[&str] = &["graphemes", "codepoints", "bytes"];

/// `name`, `name = expression` or `name(arguments)`.
struct Entry {
    name: Ident,
    arguments: Vec<Argument>,
}

enum Argument {
    Named(Ident, Expr),
    Alone(Expr),
}

impl Parse for Entry {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let name = input.call(Ident::parse_any)?;
        let mut arguments = Vec::new();
        if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            arguments.push(Argument::Alone(input.parse()?));
        } else if input.peek(token::Paren) {
            let content;
            parenthesized!(content in input);
            arguments.extend(content.parse_terminated(Argument::parse, Token![,])?);
        }
        Ok(Entry { name, arguments })
    }
}

impl Parse for Argument {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        if input.peek(Ident::peek_any) && input.peek2(Token![=]) && !input.peek2(Token![==]) {
            let name = input.call(Ident::parse_any)?;
            input.parse::<Token![=]>()?;
            Ok(Argument::Named(name, input.parse()?))
        } else {
            input.parse().map(Argument::Alone)
        }
    }
}

pub(crate) fn parse(attributes: &[Attribute], errors: &mut Errors) -> Validations {
    let mut validations = Validations::default();
    for found in attributes.iter().filter(|found| found.path().is_ident("validate")) {
        let Meta::List(list) = &found.meta else {
            errors.at(found, "write `#[validate(..)]`, with the validations in parentheses");
            continue;
        };
        let parsed = list.parse_args_with(Punctuated::<Entry, Token![,]>::parse_terminated);
        for entry in errors.keep(parsed).into_iter().flatten() {
            errors.keep(entry.apply(&mut validations));
        }
    }
    validations
}

impl Entry {
    fn apply(mut self, validations: &mut Validations) -> syn::Result<()> {
        let message = self.take_message()?;
        let rule = match self.name.to_string().as_str() {
            "required" => {
                self.nothing("required(message = \"..\")")?;
                validations.required = Some(message);
                return Ok(());
            }
            "format" => Rule::Format(self.one("pattern", r#"format = r"^\d+$""#)?),
            "inclusion" => Rule::Inclusion(self.one("in", r#"inclusion(["a", "b"]) or inclusion(1..=9)"#)?),
            "exclusion" => Rule::Exclusion(self.one("in", r#"exclusion(["a", "b"]) or exclusion(1..=9)"#)?),
            "subset" => Rule::Subset(self.one("of", r#"subset(["a", "b"])"#)?),
            "length" => {
                let count = self.take_count()?;
                Rule::Length(self.bounds(LENGTHS, "length(min = 1, max = 100) or length(1..=100)")?, count)
            }
            "number" => Rule::Number(self.bounds(NUMBERS, "number(gte = 18) or number(18..)")?),
            "acceptance" => {
                self.nothing("acceptance(message = \"..\")")?;
                Rule::Acceptance
            }
            "confirmation" => {
                self.nothing("confirmation(message = \"..\")")?;
                Rule::Confirmation { required: false }
            }
            "custom" => match self.one("with", "custom(with = path::to::function)")? {
                Expr::Path(path) => Rule::Custom(path.path),
                other => {
                    let message = "`custom` takes the path of a function: write `custom(with = path::to::function)`";
                    return Err(syn::Error::new_spanned(other, message));
                }
            },
            name => {
                let suggestion = suggestion(name, KNOWN.iter().copied());
                let message = format!("unknown validation `{name}`{suggestion} (known: {})", KNOWN.join(", "));
                return Err(syn::Error::new(self.name.span(), message));
            }
        };
        validations.list.push(Validation { span: self.name.span(), rule, message });
        Ok(())
    }

    fn error(&self, write: &str) -> syn::Error {
        syn::Error::new(self.name.span(), format!("`{}` is written `{write}`", self.name))
    }

    /// Takes the named argument out.
    fn take(&mut self, wanted: &str) -> Option<Expr> {
        let place = self
            .arguments
            .iter()
            .position(|argument| matches!(argument, Argument::Named(name, _) if name == wanted))?;
        match self.arguments.remove(place) {
            Argument::Named(_, value) => Some(value),
            Argument::Alone(_) => None,
        }
    }

    fn take_message(&mut self) -> syn::Result<Option<LitStr>> {
        match self.take("message") {
            None => Ok(None),
            Some(Expr::Lit(ExprLit { lit: Lit::Str(text), .. })) => Ok(Some(text)),
            Some(other) => {
                Err(syn::Error::new_spanned(other, "`message` takes a text: write `message = \"is not right\"`"))
            }
        }
    }

    /// `count = graphemes`.
    fn take_count(&mut self) -> syn::Result<Option<Ident>> {
        let Some(count) = self.take("count") else { return Ok(None) };
        let word = match &count {
            Expr::Path(path) => path.path.get_ident().filter(|word| COUNTS.iter().any(|known| word == known)),
            _ => None,
        };
        word.cloned().map(Some).ok_or_else(|| {
            let message = format!("`count` says what is counted (known: {}): write `count = bytes`", COUNTS.join(", "));
            syn::Error::new_spanned(count, message)
        })
    }

    /// No further arguments.
    fn nothing(&self, write: &str) -> syn::Result<()> {
        if self.arguments.is_empty() { Ok(()) } else { Err(self.error(write)) }
    }

    /// The one argument, which may have a name.
    fn one(&mut self, name: &str, write: &str) -> syn::Result<Expr> {
        match self.arguments.pop() {
            Some(Argument::Alone(value)) if self.arguments.is_empty() => Ok(value),
            Some(Argument::Named(named, value)) if self.arguments.is_empty() && named == name => Ok(value),
            _ => Err(self.error(write)),
        }
    }

    fn bounds(&mut self, known: &[&str], write: &str) -> syn::Result<Bounds> {
        if let [Argument::Alone(_)] = &self.arguments[..] {
            return self.one("", write).map(Bounds::Range);
        }
        let mut bounds: Vec<(Ident, Expr)> = Vec::new();
        for argument in std::mem::take(&mut self.arguments) {
            let Argument::Named(name, value) = argument else { return Err(self.error(write)) };
            let text = name.to_string();
            if !known.contains(&text.as_str()) {
                let suggestion = suggestion(&text, known.iter().copied());
                let message = format!("unknown option `{text}`{suggestion} (known: {}, message)", known.join(", "));
                return Err(syn::Error::new(name.span(), message));
            }
            if bounds.iter().any(|(earlier, _)| *earlier == name) {
                return Err(syn::Error::new(name.span(), format!("`{name}` is given twice")));
            }
            bounds.push((name, value));
        }
        if bounds.is_empty() { Err(self.error(write)) } else { Ok(Bounds::Named(bounds)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::ToTokens;
    use syn::parse_quote;

    fn parsed(attribute: Attribute) -> Result<Validations, String> {
        let mut errors = Errors::default();
        let validations = parse(&[attribute], &mut errors);
        errors.finish(validations).map_err(|error| error.to_string())
    }

    #[track_caller]
    fn refused(attribute: Attribute, expected: &str) {
        let error = parsed(attribute).err().expect("it is wrong");
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn each_validation_is_read_with_its_options_and_message() {
        let validations = parsed(parse_quote!(#[validate(
            required(message = "is needed"),
            format(pattern = r"^a", message = "is odd"),
            inclusion(["a", "b"]),
            exclusion(1..=9),
            subset(of = TAGS),
            length(min = 1, max = 100, count = bytes),
            number(18..),
            custom(with = rules::even),
        )]))
        .unwrap();
        assert_eq!(validations.required.unwrap().unwrap().value(), "is needed");
        let list = validations.list;
        assert!(matches!(&list[0].rule, Rule::Format(_)));
        assert_eq!(list[0].message.as_ref().unwrap().value(), "is odd");
        assert!(matches!(&list[1].rule, Rule::Inclusion(Expr::Array(_))));
        assert!(matches!(&list[2].rule, Rule::Exclusion(Expr::Range(_))));
        assert!(matches!(&list[3].rule, Rule::Subset(Expr::Path(_))));
        let Rule::Length(Bounds::Named(bounds), Some(count)) = &list[4].rule else { panic!("not a length") };
        assert_eq!(bounds.iter().map(|(name, _)| name.to_string()).collect::<Vec<_>>(), ["min", "max"]);
        assert_eq!(count, "bytes");
        assert!(matches!(&list[5].rule, Rule::Number(Bounds::Range(_))));
        let Rule::Custom(path) = &list[6].rule else { panic!("not a function") };
        assert_eq!(path.to_token_stream().to_string(), "rules :: even");
    }

    #[test]
    fn a_single_argument_may_follow_an_equals_sign() {
        let validations = parsed(parse_quote!(#[validate(format = r"^a$", custom = even)])).unwrap();
        assert!(matches!(&validations.list[0].rule, Rule::Format(_)));
        assert!(matches!(&validations.list[1].rule, Rule::Custom(_)));
    }

    #[test]
    fn mistakes_say_what_to_write() {
        refused(parse_quote!(#[validate(lenght(max = 1))]), "unknown validation `lenght`; did you mean `length`?");
        refused(parse_quote!(#[validate(length(maxx = 1))]), "unknown option `maxx`; did you mean `max`?");
        refused(parse_quote!(#[validate(length)]), "`length` is written `length(min = 1, max = 100)");
        refused(parse_quote!(#[validate(length(max = 1, count = words))]), "graphemes, codepoints, bytes");
        refused(parse_quote!(#[validate(number(gt = 1, gt = 2))]), "`gt` is given twice");
        refused(parse_quote!(#[validate(format)]), "`format` is written");
        refused(parse_quote!(#[validate(format("a", "b"))]), "`format` is written");
        refused(parse_quote!(#[validate(required = true)]), "`required` is written");
        refused(parse_quote!(#[validate(format(pattern = "a", message = 3))]), "`message` takes a text");
        refused(parse_quote!(#[validate(custom = 3)]), "the path of a function");
        refused(parse_quote!(#[validate]), "with the validations in parentheses");
    }
}
