#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "model/state.h"
#include "sinew/base/error.h"
#include "sinew/model/callbacks.h"
#include "sinew/model/model.h"

namespace sinew::callbacks {

CSVLogger::CSVLogger(std::string filename, CSVLoggerOptions options)
    : filename_(std::move(filename)), options_(std::move(options)) {}

void CSVLogger::on_train_begin() {
  std::error_code ignored;
  const bool continues = options_.append && std::filesystem::exists(filename_, ignored) &&
                         std::filesystem::file_size(filename_, ignored) > 0;
  header_written_ = continues;
  columns_.clear();
  file_.open(filename_, options_.append ? std::ios::app : std::ios::trunc);
  if (!file_)
    throw FileError(fmt::format("CSVLogger: '{}' cannot be opened for writing", filename_));
}

void CSVLogger::on_epoch_end(int epoch, const Logs& logs) {
  if (columns_.empty()) {
    bool validated = false;
    for (const auto& [name, unused] : logs) {
      columns_.push_back(name);
      validated = validated || name.starts_with("val_");
    }
    std::sort(columns_.begin(), columns_.end());
    // With validation_freq the first epoch may be without.
    if (!validated && model().state()->validates) {
      for (std::size_t i = 0, count = columns_.size(); i < count; ++i)
        columns_.push_back("val_" + columns_[i]);
    }
    if (!header_written_) {
      write_line(
          fmt::format("epoch{}{}", options_.separator, fmt::join(columns_, options_.separator)));
      header_written_ = true;
    }
  }
  std::string line = std::to_string(epoch);
  for (const std::string& column : columns_) {
    const double* value = logs.find(column);
    line += options_.separator + (value ? fmt::format("{}", *value) : "NA");
  }
  write_line(line);
}

void CSVLogger::on_train_end(const Logs&) { file_.close(); }

void CSVLogger::write_line(const std::string& line) {
  file_ << line << '\n' << std::flush;
  if (!file_)
    throw FileError(fmt::format("CSVLogger: '{}' cannot be written: is the disk full?", filename_));
}

}  // namespace sinew::callbacks
