//! Points with what came of them: a CSV file, or the folder of a finished sweep.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Error;
use crate::catalog::files;
use crate::diagnostic::{clip, nearest};

/// Larger files are not read.
const LARGEST: u64 = 1 << 30;

/// Points with what came of them, by column.
#[derive(Debug, Clone, Default)]
pub struct Sample {
    /// Where it is from.
    pub label: String,
    /// Names of columns with what varies, in order.
    pub names: Vec<String>,
    /// Their values, by point.
    pub factors: Vec<Vec<f64>>,
    /// By factor: whether all values are written as whole numbers.
    pub whole: Vec<bool>,
    /// Columns of words, which are left out.
    pub words: Vec<String>,
    /// What came of it: name, mean by point, standard error by point (0 where a point has one
    /// number).
    pub values: Vec<(String, Vec<f64>, Vec<f64>)>,
    /// Whether points are those of a folder, so that values are known; of a file any column may be.
    pub folder: bool,
}

/// A table as it stands in a file.
struct Sheet {
    header: Vec<String>,
    rows: Vec<csv::StringRecord>,
    path: PathBuf,
}

impl Sheet {
    fn read(path: &Path) -> Result<Sheet, Error> {
        let shown = path.display();
        let text = files::text(path, LARGEST)
            .map_err(|error| Error::Request(format!("cannot read `{shown}`: {error}")))?;
        let mut reader = csv::ReaderBuilder::new();
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let mut reader = reader.trim(csv::Trim::All).from_reader(text.as_bytes());
        let wrong = |error: csv::Error| Error::Fault(format!("`{shown}` is no table: {error}"));
        let header: Vec<String> =
            reader.headers().map_err(wrong)?.iter().map(String::from).collect();
        let rows = reader.records().collect::<Result<Vec<_>, _>>().map_err(wrong)?;
        if rows.is_empty() {
            let text = format!("`{shown}` has no points: a header and a row for each");
            return Err(Error::Fault(text));
        }
        if let Some((k, name)) = header.iter().enumerate().find(|(k, n)| header[..*k].contains(n)) {
            let text = format!("`{shown}`: column {} `{}` is there twice", k + 1, clip(name));
            return Err(Error::Fault(text));
        }
        Ok(Sheet { header, rows, path: path.to_path_buf() })
    }

    fn place(&self, name: &str) -> Result<usize, Error> {
        self.header.iter().position(|own| own == name).ok_or_else(|| {
            let shown = self.path.display();
            Error::Fault(format!("`{shown}` has no column `{name}`: it is no table of a sweep"))
        })
    }

    /// A column as numbers; nothing where a cell is a word, an error where numbers stop being such.
    fn numbers(&self, column: usize) -> Result<Option<Vec<f64>>, Error> {
        let mut all = Vec::with_capacity(self.rows.len());
        for (row, record) in self.rows.iter().enumerate() {
            match record[column].parse::<f64>().ok().filter(|x| x.is_finite()) {
                Some(x) => all.push(x),
                None if row == 0 => return Ok(None),
                None => {
                    return Err(Error::Fault(format!(
                        "`{}`, row {}, column `{}`: `{}` is no number, and the rows above have \
                         numbers; leave out rows without a value",
                        self.path.display(),
                        row + 2,
                        clip(&self.header[column]),
                        clip(&record[column])
                    )));
                }
            }
        }
        Ok(Some(all))
    }

    fn is_whole(&self, column: usize) -> bool {
        self.rows.iter().all(|record| record[column].parse::<i64>().is_ok())
    }
}

impl Sample {
    /// Reads a CSV file or the folder of a finished sweep. Of a folder, values are the means of
    /// `arm`, or its differences from the scenario as it is.
    ///
    /// # Errors
    /// [`Error::Request`] if it cannot be read, [`Error::Fault`] if it is not such a thing.
    pub fn read(path: &Path, arm: Option<&str>, difference: Option<&str>) -> Result<Sample, Error> {
        match path.is_dir() {
            true => Sample::folder(path, arm, difference),
            false if arm.or(difference).is_some() => Err(Error::Request(format!(
                "`{}` is a file; arms and differences are those of the folder of a sweep",
                path.display()
            ))),
            false => Sample::file(path),
        }
    }

    fn of(path: &Path, sheet: &Sheet, skip: &[&str]) -> Result<Sample, Error> {
        let mut sample = Sample { label: path.display().to_string(), ..Sample::default() };
        for (column, name) in sheet.header.iter().enumerate() {
            if skip.contains(&name.as_str()) {
                continue;
            }
            match sheet.numbers(column)? {
                None => sample.words.push(name.clone()),
                Some(values) => {
                    sample.names.push(name.clone());
                    sample.factors.push(values);
                    sample.whole.push(sheet.is_whole(column));
                }
            }
        }
        Ok(sample)
    }

    fn file(path: &Path) -> Result<Sample, Error> {
        Sample::of(path, &Sheet::read(path)?, &[])
    }

    fn folder(path: &Path, arm: Option<&str>, difference: Option<&str>) -> Result<Sample, Error> {
        let sheet = Sheet::read(&path.join("points.csv"))?;
        let mut sample = Sample::of(path, &sheet, &["point"])?;
        sample.folder = true;
        let column = sheet.place("point")?;
        let at: BTreeMap<String, usize> =
            sheet.rows.iter().enumerate().map(|(k, row)| (row[column].to_string(), k)).collect();
        let (name, wanted) = match difference {
            Some(arm) => ("differences.csv", arm),
            None => ("summary.csv", arm.unwrap_or("base")),
        };
        let sheet = Sheet::read(&path.join(name))?;
        let place = |name: &str| sheet.place(name);
        let (arms, points) = (place("arm")?, place("point")?);
        let (outcome, mean, error) = (place("outcome")?, place("mean")?, place("se")?);
        let points_of = sample.factors.first().map_or(at.len(), Vec::len);
        let mut arms_known: Vec<&str> = Vec::new();
        for row in &sheet.rows {
            if !arms_known.contains(&&row[arms]) {
                arms_known.push(&row[arms]);
            }
            let Some(point) = at.get(&row[points]).filter(|_| &row[arms] == wanted) else {
                continue;
            };
            let known = sample.values.iter().position(|(own, ..)| *own == row[outcome]);
            let known = known.unwrap_or_else(|| {
                let none = vec![f64::NAN; points_of];
                sample.values.push((row[outcome].to_string(), none.clone(), none));
                sample.values.len() - 1
            });
            let number = |cell: &str| cell.parse::<f64>().unwrap_or(f64::NAN);
            sample.values[known].1[*point] = number(&row[mean]);
            sample.values[known].2[*point] = number(&row[error]);
        }
        if sample.values.is_empty() {
            return Err(Error::no("arm", wanted, arms_known.into_iter()));
        }
        Ok(sample)
    }

    /// Takes a column away from what varies: it is what came of it.
    ///
    /// # Errors
    /// [`Error::Unknown`] if there is none of that name.
    pub fn take(&mut self, name: &str) -> Result<(), Error> {
        if self.values.iter().any(|(own, ..)| own == name) {
            return Ok(());
        }
        let known: Vec<&str> = match self.folder {
            true => self.values.iter().map(|(own, ..)| own.as_str()).collect(),
            false => self.names.iter().map(String::as_str).collect(),
        };
        let Some(at) = self.names.iter().position(|own| own == name).filter(|_| !self.folder)
        else {
            let all = || format!("there are {}", known.join(", "));
            let help = nearest(name, known.iter().copied()).unwrap_or_else(all);
            let text = format!("`{}` has no number `{}`; {help}", self.label, clip(name));
            return Err(Error::Unknown(text));
        };
        let name = self.names.remove(at);
        self.whole.remove(at);
        let values = self.factors.remove(at);
        let none = vec![0.0; values.len()];
        self.values.push((name, values, none));
        Ok(())
    }

    /// Leaves out points that have no value of a name.
    pub fn complete(&self, value: usize) -> (Vec<Vec<f64>>, Vec<f64>, f64) {
        let (_, y, error) = &self.values[value];
        let kept: Vec<usize> = (0..y.len()).filter(|k| y[*k].is_finite()).collect();
        let take = |of: &[f64]| kept.iter().map(|k| of[*k]).collect::<Vec<f64>>();
        let squares = kept.iter().map(|k| error[*k] * error[*k]).filter(|e| e.is_finite());
        let error = squares.sum::<f64>() / kept.len().max(1) as f64;
        (self.factors.iter().map(|x| take(x)).collect(), take(y), error)
    }
}
