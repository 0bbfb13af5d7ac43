//! Templates of raw SQL: `{}` is the place of an argument, `{{` and `}}` are braces.

/// A part of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'t> {
    /// Text, as it is.
    Text(&'t str),
    /// The place of the next argument.
    Argument,
}

/// The parts of a template in order, or `None` if a brace stands alone.
///
/// ```
/// use peristyle_query::query::template::{pieces, Piece};
/// let parts = pieces("{} @@ '{{1}}'").unwrap();
/// assert_eq!(parts[0], Piece::Argument);
/// assert_eq!(parts[1], Piece::Text(" @@ '"));
/// assert_eq!(parts[2], Piece::Text("{"));
/// assert!(pieces("{ }").is_none());
/// ```
pub fn pieces(template: &str) -> Option<Vec<Piece<'_>>> {
    let mut pieces = Vec::new();
    let mut rest = template;
    while let Some(brace) = rest.find(['{', '}']) {
        if brace > 0 {
            pieces.push(Piece::Text(&rest[..brace]));
        }
        let pair = rest.get(brace..brace + 2)?;
        pieces.push(match pair {
            "{}" => Piece::Argument,
            "{{" | "}}" => Piece::Text(&pair[..1]),
            _ => return None,
        });
        rest = &rest[brace + 2..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    Some(pieces)
}

/// How many arguments a template has, or `None` if a brace stands alone.
pub fn places(template: &str) -> Option<usize> {
    pieces(template).map(|pieces| pieces.iter().filter(|piece| matches!(piece, Piece::Argument)).count())
}
