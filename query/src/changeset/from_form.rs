//! Params from the body of a form.

use serde_json::{Map, Value as Json};
use std::fmt;

/// How deep names may nest.
const DEPTH: usize = 16;

/// How many pairs a body may have.
const PAIRS: usize = 10_000;

/// The params of a form, as browsers send it (`application/x-www-form-urlencoded`), or of a URL's query, for
/// [`Changeset::cast`](super::Changeset::cast).
///
/// Names nest in brackets: `user[email]=a` is an object, `tags[]=a&tags[]=b` a list, and `posts[0][title]=a` an object with the key
/// `0`. `posts[][title]=a&posts[][title]=b` is a list of objects, where a key that the last one has already begins the next. All values are
/// texts, which casting turns into what the fields hold. A name that comes again replaces what it had, and bytes that are no
/// UTF-8 are replaced by `U+FFFD`. How long a body may be is the server's to limit.
///
/// ```
/// use peristyle_query::changeset::from_form;
/// let params = from_form("user[name]=Ann+B&user[tags][]=a&user[tags][]=b").unwrap();
/// assert_eq!(params, serde_json::json!({"user": {"name": "Ann B", "tags": ["a", "b"]}}));
/// ```
///
/// # Errors
///
/// [`FormError`] if a name nests more than 16 times, or there are more than 10,000 of them: answer with status 400.
pub fn from_form(body: impl AsRef<[u8]>) -> Result<Json, FormError> {
    let mut params = Map::new();
    for (count, (name, value)) in form_urlencoded::parse(body.as_ref()).enumerate() {
        if count == PAIRS {
            return Err(FormError(Reason::TooMany));
        }
        let (first, rest) = path(&name)?;
        put(params.entry(first).or_insert(Json::Null), &rest, &value);
    }
    Ok(params.into())
}

/// Why the body of a form gives no params.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormError(Reason);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Reason {
    TooDeep,
    TooMany,
}

impl fmt::Display for FormError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Reason::TooDeep => write!(f, "the form has a name that nests more than {DEPTH} times"),
            Reason::TooMany => write!(f, "the form has more than {PAIRS} values"),
        }
    }
}

impl std::error::Error for FormError {}

/// The parts of a name: `user[tags][]` is `user`, and then `tags` and an empty one. What is not well formed is one name.
fn path(name: &str) -> Result<(&str, Vec<&str>), FormError> {
    let Some((first, inner)) = name.strip_suffix(']').and_then(|name| name.split_once('[')) else {
        return Ok((name, Vec::new()));
    };
    let mut rest = Vec::new();
    for part in inner.split("][") {
        if part.contains(['[', ']']) {
            return Ok((name, Vec::new()));
        }
        if rest.len() == DEPTH {
            return Err(FormError(Reason::TooDeep));
        }
        rest.push(part);
    }
    Ok((first, rest))
}

/// Puts a value at a path. What is in the way, of another kind, is replaced.
fn put(params: &mut Json, path: &[&str], value: &str) {
    match path.split_first() {
        None => *params = value.into(),
        Some((&"", rest)) => put_item(params, rest, value),
        Some((key, rest)) => {
            if !params.is_object() {
                *params = Json::Object(Map::new());
            }
            if let Json::Object(object) = params {
                put(object.entry(*key).or_insert(Json::Null), rest, value);
            }
        }
    }
}

/// Puts a value into a list: into its last item if there is room, else into a new one.
fn put_item(params: &mut Json, rest: &[&str], value: &str) {
    if !params.is_array() {
        *params = Json::Array(Vec::new());
    }
    let Json::Array(items) = params else { return };
    let has_room = match (items.last(), rest) {
        (Some(Json::Object(last)), [key, rest @ ..]) => {
            !last.contains_key(*key) || rest.first().is_some_and(|next| next.is_empty())
        }
        _ => false,
    };
    if !has_room {
        items.push(Json::Null);
    }
    if let Some(last) = items.last_mut() {
        put(last, rest, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_nest_in_brackets() {
        let cases = [
            ("", json!({})),
            ("a=1&b=2", json!({"a": "1", "b": "2"})),
            ("a=1&a=2", json!({"a": "2"})),
            ("a", json!({"a": ""})),
            ("=x", json!({"": "x"})),
            (
                "user[posts][0][title]=x&user[posts][1][title]=y",
                json!({"user": {"posts": {"0": {"title": "x"}, "1": {"title": "y"}}}}),
            ),
            ("tags[]=a&tags[]=b+c&tags%5B%5D=%C3%A4", json!({"tags": ["a", "b c", "ä"]})),
            ("p[][t]=a&p[][u]=b&p[][t]=c", json!({"p": [{"t": "a", "u": "b"}, {"t": "c"}]})),
            ("p[][t][]=a&p[][t][]=b", json!({"p": [{"t": ["a", "b"]}]})),
            ("p[][]=a&p[][]=b", json!({"p": [["a"], ["b"]]})),
        ];
        for (body, params) in cases {
            assert_eq!(from_form(body), Ok(params), "{body}");
        }
    }

    #[test]
    fn what_is_not_well_formed_is_a_name_or_replaced() {
        let cases = [
            ("a]=1", json!({"a]": "1"})),
            ("a[=1", json!({"a[": "1"})),
            ("a[b=1", json!({"a[b": "1"})),
            ("a[b]c]=1", json!({"a[b]c]": "1"})),
            ("a[[b]]=1", json!({"a[[b]]": "1"})),
            ("[a]=1", json!({"": {"a": "1"}})),
            ("a=1&a[b]=2", json!({"a": {"b": "2"}})),
            ("a[b]=2&a=1", json!({"a": "1"})),
            ("a[]=1&a[b]=2", json!({"a": {"b": "2"}})),
            ("a[b]=2&a[]=1", json!({"a": ["1"]})),
            ("a=%FF%zz", json!({"a": "\u{fffd}%zz"})),
        ];
        for (body, params) in cases {
            assert_eq!(from_form(body), Ok(params), "{body}");
        }
    }

    #[test]
    fn hostile_bodies_are_refused() {
        let deep = format!("a{}=1", "[b]".repeat(DEPTH + 1));
        assert_eq!(from_form(&deep).unwrap_err().to_string(), "the form has a name that nests more than 16 times");
        assert!(from_form(format!("a{}=1", "[b]".repeat(DEPTH))).is_ok());
        assert!(from_form("a[".repeat(1_000_000)).is_ok());
        let many = "a[]=1&".repeat(PAIRS + 1);
        assert_eq!(from_form(&many).unwrap_err().to_string(), "the form has more than 10000 values");
    }
}
