#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "io/event_reader.h"

namespace sinew::cli {

struct Point {
  double x = 0;
  double y = 0;
};

/// What a training has written of one result.
struct Curves {
  std::string name;
  std::vector<Point> training;
  std::vector<Point> validation;
};

/// The results that a training is writing: a log of CSVLogger (.csv) or JSONLogger (.jsonl), a
/// folder of TensorBoard's event files, or a folder that holds one of these. Epochs are counted
/// from 1.
class RunLog {
 public:
  explicit RunLog(std::string path) : path_(std::move(path)) {}

  /// Reads what there is by now; false when nothing has changed. Throws FileError naming the file
  /// and the line or byte when there is nothing to read or it is no log.
  bool update();
  /// "loss" first.
  const std::vector<Curves>& curves() const { return curves_; }
  const std::string& path() const { return path_; }

 private:
  bool read_table(const std::string& file);
  bool read_events(const std::vector<std::string>& files);
  void add(const std::string& name, bool validation, Point point);
  void sort();

  std::string path_;
  /// Of the table, when it was last read.
  std::string text_;
  std::map<std::string, std::unique_ptr<io::EventReader>> readers_;
  std::vector<Curves> curves_;
};

}  // namespace sinew::cli
