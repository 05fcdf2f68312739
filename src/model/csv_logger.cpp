#include <fmt/format.h>

#include <algorithm>

#include "model/log_file.h"
#include "model/state.h"
#include "sinew/model/callbacks/loggers.h"
#include "sinew/model/model.h"

namespace sinew::callbacks {

CSVLogger::CSVLogger(std::string filename, CSVLoggerOptions options)
    : file_(std::make_shared<model::LogFile>("CSVLogger", std::move(filename))),
      options_(std::move(options)) {}

void CSVLogger::on_train_begin() {
  columns_.clear();
  file_->open(options_.append);
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
    if (file_->size() == 0) {
      file_->write_line(
          fmt::format("epoch{}{}", options_.separator, fmt::join(columns_, options_.separator)));
    }
  }
  std::string line = std::to_string(epoch);
  for (const std::string& column : columns_) {
    const double* value = logs.find(column);
    line += options_.separator + (value ? fmt::format("{}", *value) : "NA");
  }
  file_->write_line(line);
}

void CSVLogger::on_train_end(const Logs&) { file_->close(); }

CallbackState CSVLogger::state() const {
  return {{{"bytes", static_cast<double>(file_->size())}}, {}};
}

void CSVLogger::set_state(const CallbackState& state) {
  file_->cut(static_cast<std::int64_t>(state.numbers.at("bytes")));
}

}  // namespace sinew::callbacks
