//! Whether SQL names something, word by word: texts and comments do not count.

use peristyle_sql::quoted;

/// A part of SQL that is a name, or may be one.
struct Word<'a> {
    start: usize,
    end: usize,
    name: std::borrow::Cow<'a, str>,
}

/// Whether SQL names a table, a column or another object.
pub(super) fn mentions(sql: &str, name: &str) -> bool {
    words(sql).iter().any(|word| word.name.eq_ignore_ascii_case(name))
}

/// The SQL with a name in another's place.
pub(super) fn renamed(sql: &str, from: &str, to: &str) -> String {
    let mut result = String::with_capacity(sql.len());
    let mut copied = 0;
    for word in words(sql) {
        if word.name.eq_ignore_ascii_case(from) {
            result.push_str(&sql[copied..word.start]);
            result.push_str(&quoted(to));
            copied = word.end;
        }
    }
    result.push_str(&sql[copied..]);
    result
}

fn words(sql: &str) -> Vec<Word<'_>> {
    let bytes = sql.as_bytes();
    let mut words = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        match bytes[at] {
            b'\'' => at = after_quote(bytes, at + 1, b'\''),
            quote @ (b'"' | b'`') => {
                at = after_quote(bytes, at + 1, quote);
                let inner = sql.get(start + 1..at - 1).unwrap_or_default();
                let (one, two) = ((quote as char).to_string(), (quote as char).to_string().repeat(2));
                words.push(Word { start, end: at, name: inner.replace(&two, &one).into() });
            }
            b'[' => {
                let end = sql[at..].find(']').map_or(bytes.len(), |length| at + length + 1);
                words.push(Word { start, end, name: sql.get(start + 1..end - 1).unwrap_or_default().into() });
                at = end;
            }
            b'-' if bytes.get(at + 1) == Some(&b'-') => {
                at = sql[at..].find('\n').map_or(bytes.len(), |length| at + length);
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                at = sql[at + 2..].find("*/").map_or(bytes.len(), |length| at + 2 + length + 2);
            }
            byte if is_word(byte) => {
                while at < bytes.len() && (is_word(bytes[at]) || bytes[at].is_ascii_digit() || bytes[at] == b'$') {
                    at += 1;
                }
                // The name of a function may be that of a column.
                if !sql[at..].trim_start().starts_with('(') {
                    words.push(Word { start, end: at, name: sql[start..at].into() });
                }
            }
            byte if byte.is_ascii_digit() => {
                while at < bytes.len() && (is_word(bytes[at]) || bytes[at].is_ascii_digit()) {
                    at += 1;
                }
            }
            _ => at += 1,
        }
    }
    words
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

/// The position after a closing quote; two of them are one inside.
fn after_quote(bytes: &[u8], mut at: usize, quote: u8) -> usize {
    while at < bytes.len() {
        if bytes[at] == quote {
            if bytes.get(at + 1) != Some(&quote) {
                return at + 1;
            }
            at += 1;
        }
        at += 1;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_counts_in_any_quotes_and_case_but_not_inside_a_text_or_a_comment() {
        for sql in ["price > 0", "\"price\" > 0", "[Price]>0", "`price`", "x.PRICE", "(a,price)"] {
            assert!(mentions(sql, "price"), "{sql}");
        }
        for sql in [
            "price(x) > 0",
            "price (x) > 0",
            "'price' = x",
            "x -- price",
            "/* price */ x",
            "prices > 0",
            "\"pri\"\"ce\"",
            "a_price",
            "'it''s price'",
        ] {
            assert!(!mentions(sql, "price"), "{sql}");
        }
        assert!(!mentions("'unclosed price", "price"));
        assert!(mentions("größe > 0", "größe"));
    }

    #[test]
    fn a_renamed_column_is_renamed_wherever_it_is_named() {
        assert_eq!(
            renamed("price > 0 AND 'price' <> t.price", "price", "cost"),
            "\"cost\" > 0 AND 'price' <> t.\"cost\""
        );
    }
}
