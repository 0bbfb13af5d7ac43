//! The default of a column: `default = "Role::Member"`.

use crate::attribute::Entry;
use crate::types;
use quote::ToTokens;
use syn::{Expr, ExprLit, Lit, Type};

/// The default of a column.
#[derive(Clone, Debug, PartialEq)]
pub struct DefaultExpression {
    /// The Rust expression.
    pub expression: Expr,
    /// The same, as it was written.
    pub text: String,
}

impl DefaultExpression {
    /// The expression of `default`. In quotes it is Rust code, but for a `String` field it is the text itself.
    pub(crate) fn parse(entry: &Entry, ty: &Type) -> syn::Result<Self> {
        const EXAMPLE: &str = "`default` takes a Rust expression: write `default = \"Role::Member\"` or `default = 0`";
        let expression = entry.assigned().ok_or_else(|| entry.error(EXAMPLE))?;
        let ty = types::option_item(ty).unwrap_or(ty);
        if let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = expression
            && !types::is_string(ty)
        {
            let expression = text.parse().map_err(|_| entry.error(EXAMPLE))?;
            return Ok(DefaultExpression { expression, text: text.value() });
        }
        let tokens = expression.to_token_stream().to_string();
        let text = match expression {
            Expr::Path(_) => tokens.replace(' ', ""),
            _ => tokens,
        };
        Ok(DefaultExpression { expression: expression.clone(), text })
    }

    /// Whether it is a literal, such as `0`, `-1` or `"text"`.
    pub fn is_literal(&self) -> bool {
        match &self.expression {
            Expr::Unary(negated) => matches!(*negated.expr, Expr::Lit(_)),
            expression => matches!(expression, Expr::Lit(_)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    fn text(entry: Entry, ty: Type) -> Result<String, String> {
        DefaultExpression::parse(&entry, &ty).map(|default| default.text).map_err(|error| error.to_string())
    }

    fn entry(code: &str) -> Entry {
        syn::parse_str(code).unwrap()
    }

    #[test]
    fn code_stands_in_quotes_or_without() {
        assert_eq!(text(entry("default = \"Role::Member\""), parse_quote!(Role)).unwrap(), "Role::Member");
        assert_eq!(text(entry("default = Role::Member"), parse_quote!(Option<Role>)).unwrap(), "Role::Member");
        assert_eq!(text(entry("default = 0"), parse_quote!(i64)).unwrap(), "0");
        assert_eq!(text(entry("default = true"), parse_quote!(bool)).unwrap(), "true");
    }

    #[test]
    fn the_default_of_a_text_is_the_text() {
        assert_eq!(text(entry("default = \"new\""), parse_quote!(String)).unwrap(), "\"new\"");
        assert_eq!(text(entry("default = \"\""), parse_quote!(Option<String>)).unwrap(), "\"\"");
    }

    #[test]
    fn what_is_no_expression_is_refused() {
        assert!(text(entry("default = \"Role::\""), parse_quote!(Role)).unwrap_err().contains("Rust expression"));
        assert!(text(entry("default"), parse_quote!(Role)).unwrap_err().contains("default = 0"));
    }
}
