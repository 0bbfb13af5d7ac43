//! The names of foreign keys, which stand in the text of CREATE TABLE and nowhere else.

/// The name of each foreign key of a CREATE TABLE, in order; `None` for one that was declared without.
pub(super) fn foreign_key_names(create: &str) -> Vec<Option<String>> {
    let mut names = Vec::new();
    let (mut named, mut awaits_name) = (None, false);
    for token in tokens(create) {
        let word = match &token {
            Token::Word(word) => word.to_ascii_uppercase(),
            _ => String::new(),
        };
        match (token, word.as_str()) {
            (Token::Word(name) | Token::Quoted(name), _) if awaits_name => (named, awaits_name) = (Some(name), false),
            (_, "CONSTRAINT") => awaits_name = true,
            (_, "REFERENCES") => names.push(named.take()),
            // The name was that of another constraint.
            (Token::Comma, _) | (_, "PRIMARY" | "UNIQUE" | "CHECK" | "NOT" | "DEFAULT" | "COLLATE" | "GENERATED") => {
                named = None;
            }
            _ => {}
        }
    }
    names
}

#[derive(Debug, PartialEq)]
enum Token {
    Word(String),
    Quoted(String),
    /// A comma that ends a column or a constraint.
    Comma,
}

/// The words of a CREATE TABLE, without comments, texts and the commas of lists inside of a column or constraint.
fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut depth = 0usize;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let skip = |end: Option<usize>, length: usize| end.map_or(rest.len(), |end| end + length);
        let length = match first {
            '-' if rest.starts_with("--") => skip(rest.find('\n'), 1),
            '/' if rest.starts_with("/*") => skip(rest.find("*/"), 2),
            '\'' | '"' | '`' => {
                let (content, length) = quotation(rest, first);
                // A text in single quotes is taken for a name where one is expected.
                tokens.push(Token::Quoted(content));
                length
            }
            '[' => {
                let end = rest.find(']').unwrap_or(rest.len());
                tokens.push(Token::Quoted(rest[1..end].to_owned()));
                (end + 1).min(rest.len())
            }
            '(' | ')' | ',' => {
                match first {
                    '(' => depth += 1,
                    ')' => depth = depth.saturating_sub(1),
                    _ if depth == 1 => tokens.push(Token::Comma),
                    _ => {}
                }
                1
            }
            c if c.is_alphanumeric() || c == '_' || c == '$' => {
                let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).unwrap_or(rest.len());
                tokens.push(Token::Word(rest[..end].to_owned()));
                end
            }
            other => other.len_utf8(),
        };
        rest = &rest[length..];
    }
    tokens
}

/// What stands in the quotes that `text` begins with, where a doubled quote is one, and the length of all of it.
fn quotation(text: &str, quote: char) -> (String, usize) {
    let mut content = String::new();
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = characters.next() {
        if c != quote {
            content.push(c);
        } else if characters.next_if(|(_, next)| *next == quote).is_some() {
            content.push(quote);
        } else {
            return (content, at + c.len_utf8());
        }
    }
    (content, text.len())
}

#[cfg(test)]
mod tests {
    use super::foreign_key_names;

    fn names(create: &str) -> Vec<String> {
        foreign_key_names(create).into_iter().map(|name| name.unwrap_or_else(|| "-".to_owned())).collect()
    }

    #[test]
    fn the_names_of_foreign_keys_are_found() {
        let create = "create table \"a,b(\" (
            id integer CONSTRAINT pk primary key, -- constraint x references y
            a integer not null constraint \"first \"\"one\"\"\" references t (id) on delete set null,
            b text default 'constraint z references' references t, [references] integer /* , */,
            d integer constraint positive check (d > max(1, 2)) references t,
            constraint pair foreign key (a, b) references u (a, b) deferrable initially deferred,
            constraint one unique (a, b), foreign key (a) references v
        )";
        assert_eq!(names(create), ["first \"one\"", "-", "-", "pair", "-"]);
        assert!(names("create table t (a integer, \"unfinished").is_empty());
    }
}
