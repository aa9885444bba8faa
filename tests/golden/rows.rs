//! An answer for every row of every catalogue.

use std::fmt::Write;
use std::time::SystemTime;

use tower_edge::core::{Exposure, Occurrence, Problem};

use crate::case::Case;
use crate::fixture;
use crate::spoken::SPOKEN;

#[tokio::test]
async fn every_row_is_answered_as_before() {
    for spoken in SPOKEN {
        let mut rows = String::new();
        for row in spoken.catalog.definitions() {
            let mut problem = Problem::from(row);
            let epoch = SystemTime::UNIX_EPOCH;
            problem.set_occurrence(Occurrence::named("err_0", epoch).unwrap());

            let case = Case::failed("row", problem);
            let answer = case.answer(spoken.format, Exposure::Production).await;

            writeln!(rows, "{} {} {}", row.key(), answer.status, answer.body).unwrap();
        }
        let file = fixture::path(&format!("{}/rows.txt", spoken.name));
        fixture::assert_is_current(&file, &rows);
    }
}
