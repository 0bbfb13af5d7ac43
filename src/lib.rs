#![doc = include_str!("../README.md")]
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub use peristyle_query::{
    adapter, association, changeset, error, expr, loader, preload, query, repo, row, schema, statement, value,
};

pub use error::Error;
pub use loader::Loader;
pub use peristyle_derive::{Changeset, DbEnum, DbType, Embedded, Projection, Schema};
pub use peristyle_sql::ToSql;
pub use repo::Repo;

#[cfg(feature = "postgres")]
pub use peristyle_postgres::{Postgres, PostgresOptions};
#[cfg(feature = "redis")]
pub use peristyle_redis::{Redis, RedisOptions, RedisWarning};
#[cfg(feature = "sqlite")]
pub use peristyle_sqlite::{Sqlite, SqliteOptions};

mod connect;

/// Migrations: files and Rust, embedded in a program or run by the command `peristyle`.
#[cfg(feature = "migrate")]
pub use peristyle_migrate as migrate;
#[cfg(feature = "migrate")]
pub use peristyle_migrate::migration;

pub use connect::{Connect, connect};

/// What derived code refers to and programs do not.
#[doc(hidden)]
pub use peristyle_query::__private;

/// What a program that uses Peristyle imports: `use peristyle::prelude::*;`.
pub mod prelude {
    pub use crate::adapter::{Isolation, TransactionOptions};
    pub use crate::association::association_query;
    pub use crate::changeset::{Changeset, EmptyValues, FieldError, Length, Number, Params};
    pub use crate::error::NPlusOne;
    pub use crate::expr::{
        Condition, Expr, IntoCondition, IntoExpr, NotNull, Null, Nullability, coalesce, constant, count, exists,
        not_exists, sql,
    };
    pub use crate::loader::{Batch, Loader};
    pub use crate::query::{Lock, Optional, Query, Scope};
    pub use crate::repo::{Clock, Done, FixedClock, Guard, Multi, Repo, Rows, Upserted};
    pub use crate::schema::{BelongsTo, HasMany, HasOne, Keyed, ManyToMany, Record, Schema};
    pub use crate::statement::{Dialect, Statement};
    pub use crate::value::{DbType, Interval};
    pub use crate::{Changeset, DbEnum, DbType, Embedded, Projection, Schema, ToSql};

    #[cfg(feature = "postgres")]
    pub use crate::Postgres;
    #[cfg(feature = "redis")]
    pub use crate::Redis;
    #[cfg(feature = "sqlite")]
    pub use crate::Sqlite;
}

/// The guides.
pub mod docs {
    #[doc = include_str!("../docs/schema.md")]
    pub mod schema {}
    #[doc = include_str!("../docs/queries.md")]
    pub mod queries {}
    #[doc = include_str!("../docs/changesets.md")]
    pub mod changesets {}
    #[cfg(feature = "sqlite")]
    #[doc = include_str!("../docs/constraints.md")]
    pub mod constraints {}
    #[cfg(feature = "sqlite")]
    #[doc = include_str!("../docs/preloads.md")]
    pub mod preloads {}
    #[cfg(feature = "sqlite")]
    #[doc = include_str!("../docs/writes.md")]
    pub mod writes {}
    #[cfg(feature = "sqlite")]
    #[doc = include_str!("../docs/bulk.md")]
    pub mod bulk {}
    #[cfg(feature = "sqlite")]
    #[doc = include_str!("../docs/transactions.md")]
    pub mod transactions {}
    #[cfg(feature = "sqlite")]
    #[doc = include_str!("../docs/stores.md")]
    pub mod stores {}
    #[cfg(feature = "sqlite")]
    #[doc = include_str!("../docs/sqlite.md")]
    pub mod sqlite {}
    #[cfg(feature = "postgres")]
    #[doc = include_str!("../docs/postgres.md")]
    pub mod postgres {}
    #[cfg(feature = "redis")]
    #[doc = include_str!("../docs/redis.md")]
    pub mod redis {}
    #[cfg(feature = "migrate")]
    #[doc = include_str!("../docs/migrations.md")]
    pub mod migrations {}
    #[cfg(feature = "migrate")]
    #[doc = include_str!("../docs/migration-dsl.md")]
    pub mod migration_dsl {}
    #[cfg(feature = "migrate")]
    #[doc = include_str!("../docs/migrate-diff.md")]
    pub mod migrate_diff {}
    #[cfg(feature = "migrate")]
    #[doc = include_str!("../docs/command.md")]
    pub mod command {}
    #[cfg(feature = "migrate")]
    #[doc = include_str!("../docs/migrate-lint.md")]
    pub mod migrate_lint {}
    #[cfg(feature = "migrate")]
    #[doc = include_str!("../docs/schema-tools.md")]
    pub mod schema_tools {}
    #[doc = include_str!("../docs/from-ecto.md")]
    pub mod from_ecto {}
}
