#include <nlohmann/json.hpp>

#include "model/log_file.h"
#include "sinew/model/callbacks/loggers.h"

namespace sinew::callbacks {

JSONLogger::JSONLogger(std::string filename, JSONLoggerOptions options)
    : file_(std::make_shared<model::LogFile>("JSONLogger", std::move(filename))),
      options_(options) {}

void JSONLogger::on_train_begin() { file_->open(options_.append); }

void JSONLogger::on_epoch_end(int epoch, const Logs& logs) {
  nlohmann::ordered_json line = {{"epoch", epoch}};
  for (const auto& [name, value] : logs) line[name] = value;
  file_->write_line(line.dump());
}

void JSONLogger::on_train_end(const Logs&) { file_->close(); }

CallbackState JSONLogger::state() const {
  return {{{"bytes", static_cast<double>(file_->size())}}, {}};
}

void JSONLogger::set_state(const CallbackState& state) {
  file_->cut(static_cast<std::int64_t>(state.numbers.at("bytes")));
}

}  // namespace sinew::callbacks
