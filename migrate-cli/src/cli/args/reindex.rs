//! `peristyle reindex`.

use clap::Args;

/// `reindex`.
#[derive(Debug, Args)]
pub struct Reindex {
    /// Only these tables; without them, those of all structs that Redis can hold
    #[arg(value_name = "TABLE")]
    pub tables: Vec<String>,
    /// The Redis, instead of redis_url in peristyle.toml or the variable REDIS_URL
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// Where the structs are, instead of models in peristyle.toml; may be given several times
    #[arg(long, value_name = "PLACE")]
    pub schema_dir: Vec<String>,
    /// In this prefix; may be given several times
    #[arg(long, value_name = "PREFIX")]
    pub prefix: Vec<String>,
    /// Build all indexes anew, also those that count as built
    #[arg(long)]
    pub rebuild: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
