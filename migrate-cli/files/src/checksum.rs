use crate::error::{FileError, SqlError};
use crate::lexer::{Flavor, TokenKind};
use crate::section::Section;
use crate::statement::split;
use sha2::{Digest, Sha256};

/// The checksum of what a section does: `1:<hex>`, the version of the algorithm and a SHA-256 of its statements' tokens.
///
/// Blanks, line ends, comments, empty statements and a missing last semicolon make no difference; literals, quoted
/// identifiers and `$$` bodies count byte for byte. Words count as their database reads them: on Postgres their case makes
/// no difference, on SQLite, which keeps the case of names, it does.
///
/// # Errors
///
/// As [`Section::statements`].
pub fn checksum(section: &Section, flavor: Flavor) -> Result<String, FileError> {
    checksum_of(&section.text, flavor).map_err(|error| section.error(error))
}

/// The same, of a text of SQL.
///
/// # Errors
///
/// As [`statements`](crate::statements).
pub fn checksum_of(sql: &str, flavor: Flavor) -> Result<String, SqlError> {
    let mut hash = Sha256::new();
    for piece in split(sql, flavor)? {
        for token in &piece.tokens {
            let text = token.text(sql);
            hash.update([class(token.kind)]);
            hash.update((text.len() as u64).to_be_bytes());
            if token.kind == TokenKind::Word && flavor == Flavor::Postgres {
                hash.update(text.to_ascii_lowercase());
            } else {
                hash.update(text);
            }
        }
        hash.update(b";");
    }
    let hex: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("1:{hex}"))
}

fn class(kind: TokenKind) -> u8 {
    match kind {
        TokenKind::Word => b'w',
        TokenKind::Quoted => b'q',
        TokenKind::Literal => b'l',
        TokenKind::Dollar => b'd',
        TokenKind::Number => b'n',
        TokenKind::Parameter => b'p',
        TokenKind::Operator => b'o',
        TokenKind::Punctuation => b'c',
        TokenKind::Unknown => b'u',
        TokenKind::Blank | TokenKind::Comment => b' ',
    }
}
