//! A schema's place in Redis.

use super::STORE;
use super::key_text::{KEY_TYPES, makes_a_key};
use peristyle_query::error::{Error, Unsupported};
use peristyle_query::schema::{FieldMeta, SchemaMeta};
use peristyle_query::value::DataType;

/// A schema's place in Redis: the names of its keys.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) schema: &'static SchemaMeta,
    /// The prefix, if it is not the schema's own.
    pub(crate) prefix: Option<String>,
    /// The prefix and the name, escaped: `users`, `tenant.users`.
    name: String,
    /// The index of all rows, by the primary key, then those of the schema.
    pub(crate) indexes: Vec<Index>,
    /// Over how many parts the rows are spread: 1 for all but a schema with buckets.
    pub(crate) buckets: u16,
}

/// An index: a sorted set with one member a row, whose order is that of the members.
#[derive(Debug)]
pub(crate) struct Index {
    /// The name of the constraint; that of the primary key is `users_pkey`.
    pub(crate) name: String,
    /// Its columns, in order; the primary key follows them in every member.
    pub(crate) fields: Vec<&'static FieldMeta>,
    /// Whether two rows may have the same values. The primary key is not among these: the row itself is its claim.
    pub(crate) unique: bool,
    /// What follows the tag in the sorted set's key: `/keys` or `/by/user_id:int,seen_at:moment`.
    pub(crate) suffix: String,
    /// The columns alone: `email`, as in `/unique/email=ada`.
    pub(crate) columns: String,
}

/// A part of a table, whose keys share a hash tag and so a slot: the whole table unless it has buckets.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Part(pub(crate) String);

impl Part {
    /// The key of a row.
    pub(crate) fn row(&self, key: &str) -> String {
        format!("{}:{key}", self.0)
    }

    /// The key of what is kept beside the rows, such as `/expiry`.
    pub(crate) fn beside(&self, suffix: &str) -> String {
        format!("{}{suffix}", self.0)
    }

    /// The key that claims the values of a unique index.
    pub(crate) fn claim(&self, index: &Index, values: &str) -> String {
        format!("{}/unique/{}={values}", self.0, index.columns)
    }
}

impl Table {
    /// The place of a schema, in the prefix of a statement, of the repo, or of the schema itself.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] for what Redis cannot keep of the schema's promises.
    pub(crate) fn new(schema: &'static SchemaMeta, prefix: Option<&str>) -> Result<Self, Error> {
        let refuse = |feature: String, instead: &'static str| -> Error {
            Unsupported { store: STORE, feature: feature.into(), instead: instead.into() }.into()
        };
        if schema.primary_key.is_empty() {
            let feature = format!("rows without a primary key, as those of {}", schema.name);
            // A join table that no struct describes.
            if schema.name == schema.table {
                return Err(refuse(
                    feature,
                    "describe it with a struct that has one, and name that in `join_schema = ..`",
                ));
            }
            return Err(refuse(feature, "write #[schema(primary_key)] on the field that tells them apart"));
        }
        if let Some(check) = schema.checks.first() {
            let feature = format!("check constraints, as {} of {}", check.name, schema.name);
            return Err(refuse(feature, "validate the changeset instead"));
        }
        let name = match prefix.or(schema.prefix) {
            Some(prefix) => format!("{}.{}", escaped(prefix), escaped(schema.table)),
            None => escaped(schema.table),
        };
        let key = schema.key_fields().map(|(_, field)| field).collect::<Vec<_>>();
        let mut indexes = vec![Index::new(schema, format!("{}_pkey", schema.table), key, false, true)?];
        for index in schema.indexes {
            if index.filter.is_some() {
                let feature = format!("partial indexes, as {} of {}", index.name, schema.name);
                return Err(refuse(feature, "index all rows"));
            }
            let mut fields = Vec::with_capacity(index.columns.len());
            for column in index.columns {
                let known = schema.stored_fields().map(|(_, field)| field).find(|field| field.column == *column);
                fields.push(known.ok_or_else(|| {
                    let feature = format!("column {column} of {}, which {} is over", schema.name, index.name);
                    refuse(feature, "name the columns of its fields")
                })?);
            }
            let index = Index::new(schema, index.name.to_owned(), fields, index.unique, false)?;
            // Two indexes over the same columns are one; a unique one says more.
            match indexes.iter_mut().find(|known| known.suffix == index.suffix) {
                Some(known) if !known.unique => *known = index,
                Some(_) => {}
                None => indexes.push(index),
            }
        }
        let buckets = schema.buckets.unwrap_or(1).max(1);
        if let (true, Some(index)) = (buckets > 1, indexes.iter().find(|index| index.unique)) {
            let feature = format!("unique indexes over buckets, as {} of {}", index.name, schema.name);
            return Err(refuse(feature, "make it a plain index, or leave the schema in one place, without `buckets`"));
        }
        Ok(Table { schema, prefix: prefix.map(str::to_owned), name, indexes, buckets })
    }

    /// The part that a row is in.
    pub(crate) fn part(&self, key: &str) -> Part {
        match self.buckets {
            1 => Part(format!("{{{}}}", self.name)),
            buckets => self.bucket(crc16(key.as_bytes()) % buckets),
        }
    }

    /// All parts.
    pub(crate) fn parts(&self) -> impl Iterator<Item = Part> + '_ {
        (0..self.buckets).map(|bucket| match self.buckets {
            1 => Part(format!("{{{}}}", self.name)),
            _ => self.bucket(bucket),
        })
    }

    fn bucket(&self, bucket: u16) -> Part {
        Part(format!("{{{}/{bucket}}}", self.name))
    }

    /// How long the text of a key is, where all are equally long: those of UUIDs.
    pub(crate) fn key_length(&self) -> Option<usize> {
        let fields = self.schema.key_fields().map(|(_, field)| field.data_type == DataType::Uuid);
        let (all, count) = fields.fold((true, 0), |(all, count), is_uuid| (all && is_uuid, count + 1));
        (all && count > 0).then(|| count * 37 - 1)
    }

    /// Whether a primary key that is left out is generated: the next integer.
    pub(crate) fn generated_key(&self) -> Option<&'static FieldMeta> {
        let integer = |field: &&FieldMeta| matches!(field.data_type, DataType::I16 | DataType::I32 | DataType::I64);
        let mut key = self.schema.key_fields().map(|(_, field)| field);
        key.next().filter(|_| self.schema.primary_key.len() == 1).filter(integer)
    }
}

impl Index {
    fn new(
        schema: &SchemaMeta,
        name: String,
        fields: Vec<&'static FieldMeta>,
        unique: bool,
        is_primary: bool,
    ) -> Result<Self, Error> {
        let mut typed = Vec::with_capacity(fields.len());
        for field in &fields {
            let kind = kind(field.data_type).filter(|_| !(unique || is_primary) || makes_a_key(field.data_type));
            let Some(kind) = kind else {
                let what = match (is_primary, unique) {
                    (true, _) => "primary keys",
                    (false, true) => "unique indexes",
                    (false, false) => "indexes",
                };
                let feature =
                    format!("{what} of type {}, as of {}.{}", field.data_type, schema.name, field.name).into();
                return Err(Unsupported { store: STORE, feature, instead: KEY_TYPES.into() }.into());
            };
            typed.push(format!("{}:{kind}", escaped(field.column)));
        }
        let suffix = if is_primary { "/keys".to_owned() } else { format!("/by/{}", typed.join(",")) };
        let columns = fields.iter().map(|field| escaped(field.column)).collect::<Vec<_>>().join(",");
        Ok(Index { name, fields, unique, suffix, columns })
    }
}

/// The kind of the ordered bytes of a type, which is part of an index's key.
fn kind(data_type: DataType) -> Option<&'static str> {
    Some(match data_type {
        DataType::Bool => "bool",
        DataType::I16 | DataType::I32 | DataType::I64 => "int",
        DataType::F32 | DataType::F64 => "float",
        DataType::Text | DataType::Enum(_) => "text",
        DataType::Bytes => "bytes",
        DataType::Uuid => "uuid",
        DataType::Date => "date",
        DataType::Time => "time",
        DataType::DateTime | DataType::Timestamp => "moment",
        DataType::Decimal => "decimal",
        _ => return None,
    })
}

/// A name without the characters that mean something in keys.
fn escaped(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for character in name.chars() {
        match character {
            '%' => text.push_str("%25"),
            '{' => text.push_str("%7B"),
            '}' => text.push_str("%7D"),
            '.' => text.push_str("%2E"),
            '/' => text.push_str("%2F"),
            ':' => text.push_str("%3A"),
            ',' => text.push_str("%2C"),
            '=' => text.push_str("%3D"),
            other => text.push(other),
        }
    }
    text
}

/// The checksum by which Redis Cluster finds the slot of a key: CRC-16/XMODEM.
pub(crate) fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |mut crc: u16, byte| {
        crc ^= u16::from(*byte) << 8;
        for _ in 0..8 {
            crc = if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 };
        }
        crc
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_redis_cluster() {
        // The example of the specification of Redis Cluster, appendix A.
        assert_eq!(crc16(b"123456789"), 0x31C3);
    }

    #[test]
    fn a_name_cannot_end_the_hash_tag() {
        assert_eq!(escaped("a}.b:c"), "a%7D%2Eb%3Ac");
    }
}
