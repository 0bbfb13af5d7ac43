//! The defaults of columns: from Rust expressions to values of SQL.

use super::scope::{Found, Kind, Place, Scope, integer};
use super::stored::Stored;
use crate::catalog;
use quote::ToTokens;
use syn::{Expr, ExprCall, Lit};

/// The default of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum ModelDefault {
    /// A value.
    Value(catalog::Default),
    /// The time of the insert.
    Now,
    /// A new random UUID.
    RandomUuid,
    /// An expression that SQL has no form for, as it is written.
    Unknown(String),
}

impl Scope {
    /// The default that an expression is, of a column of this type.
    pub fn column_default(&self, expression: &Expr, stored: &Stored, place: &Place) -> ModelDefault {
        let text = expression.to_token_stream().to_string().replace(' ', "");
        match text.rsplit("::").next().unwrap_or_default() {
            "now()" if text.contains("Utc::now()") && *stored == Stored::Timestamp => return ModelDefault::Now,
            "new_v4()" if *stored == Stored::Uuid => return ModelDefault::RandomUuid,
            _ => {}
        }
        match self.value(expression, stored, place) {
            Some(value) => ModelDefault::Value(value),
            None => ModelDefault::Unknown(text),
        }
    }

    fn value(&self, expression: &Expr, stored: &Stored, place: &Place) -> Option<catalog::Default> {
        match expression {
            Expr::Lit(literal) => of_literal(&literal.lit, stored),
            Expr::Unary(_) => match (integer(expression), stored) {
                (Some(number), _) => Some(number_of(number, stored)),
                (None, _) => {
                    let Expr::Unary(syn::ExprUnary { op: syn::UnOp::Neg(_), expr, .. }) = expression else {
                        return None;
                    };
                    match self.value(expr, stored, place)? {
                        catalog::Default::Number(number) => Some(catalog::Default::Number(format!("-{number}"))),
                        _ => None,
                    }
                }
            },
            Expr::Paren(inner) => self.value(&inner.expr, stored, place),
            Expr::Group(inner) => self.value(&inner.expr, stored, place),
            Expr::Reference(inner) => self.value(&inner.expr, stored, place),
            Expr::Path(path) => self.constant(&path.path, stored, place),
            Expr::MethodCall(call) => match call.method.to_string().as_str() {
                "into" | "to_owned" | "to_string" | "to_vec" => self.value(&call.receiver, stored, place),
                _ => None,
            },
            Expr::Call(call) => self.call(call, stored, place),
            Expr::Macro(call) => {
                let name = call.mac.path.segments.last()?.ident.to_string();
                let items = || {
                    let parser = syn::punctuated::Punctuated::<Expr, syn::Token![,]>::parse_terminated;
                    call.mac.parse_body_with(parser).ok()
                };
                match (name.as_str(), stored) {
                    ("vec", Stored::Array(item)) => {
                        let items = items()?;
                        let items = items.iter().map(|each| self.value(each, item, place));
                        Some(catalog::Default::List(items.collect::<Option<_>>()?))
                    }
                    ("vec", Stored::Json) if items()?.is_empty() => Some(json(serde_json::json!([]))),
                    ("dec", Stored::Decimal) => {
                        Some(catalog::Default::Number(call.mac.tokens.to_string().replace([' ', '_'], "")))
                    }
                    ("json", Stored::Json) => serde_json::from_str(&call.mac.tokens.to_string()).ok().map(json),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// `Role::Member`, `None`, `Decimal::ZERO`, `i64::MAX`.
    fn constant(&self, path: &syn::Path, stored: &Stored, place: &Place) -> Option<catalog::Default> {
        let last = path.segments.last()?.ident.to_string();
        let mut owner = path.clone();
        owner.segments.pop();
        owner.segments.pop_punct();
        if owner.segments.is_empty() {
            return (last == "None").then_some(catalog::Default::Null);
        }
        match (text_of(&owner).as_str(), last.as_str(), stored) {
            ("Decimal", "ZERO", Stored::Decimal) => return Some(catalog::Default::Number("0".to_owned())),
            ("Decimal", "ONE", Stored::Decimal) => return Some(catalog::Default::Number("1".to_owned())),
            ("i16", "MAX", _) => return Some(catalog::Default::Integer(i16::MAX.into())),
            ("i32", "MAX", _) => return Some(catalog::Default::Integer(i32::MAX.into())),
            ("i64", "MAX", _) => return Some(catalog::Default::Integer(i64::MAX)),
            _ => {}
        }
        let found = self.find(&owner, place, |kind| matches!(kind, Kind::Enum { .. }));
        let Found::Definition(definition) = found else { return None };
        let Kind::Enum { model, discriminants, .. } = &definition.kind else { return None };
        let position = model.variants.iter().position(|variant| variant.ident == last)?;
        self.variant(model, discriminants, position)
    }

    fn variant(
        &self,
        model: &peristyle_derive_model::DbEnum,
        discriminants: &[Option<i64>],
        position: usize,
    ) -> Option<catalog::Default> {
        match model.storage {
            peristyle_derive_model::Storage::Integer(_) => {
                discriminants.get(position).copied().flatten().map(catalog::Default::Integer)
            }
            _ => model.variants.get(position).map(|variant| catalog::Default::Text(variant.name.clone())),
        }
    }

    fn call(&self, call: &ExprCall, stored: &Stored, place: &Place) -> Option<catalog::Default> {
        let Expr::Path(function) = &*call.func else { return None };
        let path = &function.path;
        let last = path.segments.last()?.ident.to_string();
        let mut owner = path.clone();
        owner.segments.pop();
        owner.segments.pop_punct();
        let arguments: Vec<&Expr> = call.args.iter().collect();
        match (last.as_str(), &arguments[..], stored) {
            ("Some", [inner], _) => self.value(inner, stored, place),
            ("from", [inner], _) => self.value(inner, stored, place),
            ("new", [], Stored::Text) => Some(catalog::Default::Text(String::new())),
            ("new", [], Stored::Array(_)) => Some(catalog::Default::List(Vec::new())),
            ("new", [], Stored::Json) if text_of(&owner) == "Vec" => Some(json(serde_json::json!([]))),
            ("nil", [], Stored::Uuid) => {
                Some(catalog::Default::Text("00000000-0000-0000-0000-000000000000".to_owned()))
            }
            ("new", [number, scale], Stored::Decimal) => decimal(integer(number)?, integer(scale)?),
            ("default", [], _) => {
                if let Found::Definition(definition) =
                    self.find(&owner, place, |kind| matches!(kind, Kind::Enum { .. }))
                    && let Kind::Enum { model, discriminants, default: Some(position) } = &definition.kind
                {
                    return self.variant(model, discriminants, *position);
                }
                zero(stored)
            }
            // The constructor of a newtype.
            (_, [inner], _) => {
                let found = self.find(path, place, |kind| matches!(kind, Kind::Newtype(_)));
                matches!(found, Found::Definition(_)).then(|| self.value(inner, stored, place))?
            }
            _ => None,
        }
    }
}

/// The default of the Rust type that is stored so, where that is certain.
fn zero(stored: &Stored) -> Option<catalog::Default> {
    Some(match stored {
        Stored::Bool => catalog::Default::Bool(false),
        Stored::I16 | Stored::I32 | Stored::I64 => catalog::Default::Integer(0),
        Stored::F32 | Stored::F64 | Stored::Decimal => catalog::Default::Number("0".to_owned()),
        Stored::Text => catalog::Default::Text(String::new()),
        Stored::Array(_) => catalog::Default::List(Vec::new()),
        _ => return None,
    })
}

fn of_literal(literal: &Lit, stored: &Stored) -> Option<catalog::Default> {
    match (literal, stored) {
        (Lit::Str(text), Stored::Json) => serde_json::from_str(&text.value()).ok().map(json),
        (Lit::Str(text), _) => Some(catalog::Default::Text(text.value())),
        (Lit::Bool(value), _) => Some(catalog::Default::Bool(value.value)),
        (Lit::Int(number), _) => number.base10_parse().ok().map(|number| number_of(number, stored)),
        (Lit::Float(number), _) => Some(catalog::Default::Number(number.base10_digits().to_owned())),
        _ => None,
    }
}

fn number_of(number: i64, stored: &Stored) -> catalog::Default {
    match stored {
        Stored::F32 | Stored::F64 | Stored::Decimal => catalog::Default::Number(number.to_string()),
        _ => catalog::Default::Integer(number),
    }
}

/// `Decimal::new(1250, 2)` is 12.50.
fn decimal(number: i64, scale: i64) -> Option<catalog::Default> {
    let scale = usize::try_from(scale).ok().filter(|scale| *scale <= 28)?;
    let digits = format!("{:0>width$}", number.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let sign = if number < 0 { "-" } else { "" };
    let dot = if fraction.is_empty() { "" } else { "." };
    Some(catalog::Default::Number(format!("{sign}{whole}{dot}{fraction}")))
}

fn json(value: serde_json::Value) -> catalog::Default {
    catalog::Default::Json(value)
}

fn text_of(path: &syn::Path) -> String {
    path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default()
}
