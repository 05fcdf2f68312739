#include "model/checkpoints.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/log.h"
#include "model/files.h"
#include "model/state.h"
#include "sinew/base/error.h"
#include "sinew/io/file.h"
#include "sinew/model/callbacks/backup_and_restore.h"

namespace sinew::model {
namespace {

namespace fs = std::filesystem;

bool exists(const std::string& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

void make_folder(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    throw FileError(
        fmt::format("BackupAndRestore: folder '{}' cannot be made: {}", folder, error.message()));
  }
}

/// A missing file to move is no error: there is none before the second backup.
void move(const std::string& from, const std::string& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (error && error != std::errc::no_such_file_or_directory) {
    throw FileError(fmt::format("BackupAndRestore: '{}' cannot be moved to '{}': {}", from, to,
                                error.message()));
  }
}

}  // namespace

Checkpoints::Checkpoints(const FitArguments& arguments) : resume_(arguments.resume) {
  if (!arguments.checkpoint.empty())
    files_.push_back({arguments.checkpoint, arguments.checkpoint_every});
  for (const CallbackPtr& callback : arguments.callbacks) {
    const auto* backup = dynamic_cast<const callbacks::BackupAndRestore*>(callback.get());
    if (backup) files_.push_back({backup->latest(), backup->options().save_freq, backup});
  }
}

void Checkpoints::check(const State& state) const {
  for (const File& file : files_) {
    check_savable(state);
    check_checkpoint_path(file.path);
    if (file.backup) make_folder(file.backup->folder());
    io::check_writable(file.path);
  }
}

std::optional<Position> Checkpoints::resume(
    State& state,
    const std::function<void(const Position&, const std::string& path)>& accept) const {
  const auto read = [&](const std::string& path) {
    return read_checkpoint(state, path, [&](const Position& position) { accept(position, path); });
  };
  for (const File& file : files_) {
    if (!file.backup) continue;
    const bool has_previous = exists(file.backup->previous());
    try {
      if (exists(file.path)) return read(file.path);
    } catch (const FileError& error) {
      if (!has_previous) throw;
      logger().warn("{}; going on from the backup before it", error.what());
    }
    // Also where a process was killed after the last backup had become the previous one.
    if (has_previous) return read(file.backup->previous());
  }
  if (resume_.empty()) return std::nullopt;
  return read(resume_);
}

bool Checkpoints::File::due(const Moment& moment) const {
  if (moment.stopped) return true;
  return every == 0 ? moment.epoch_ended : moment.steps % every == 0;
}

bool Checkpoints::due(const Moment& moment) const {
  return std::any_of(files_.begin(), files_.end(),
                     [&](const File& file) { return file.due(moment); });
}

void Checkpoints::write(const State& state, const Position& position, const Moment& moment) const {
  for (const File& file : files_) {
    if (!file.due(moment)) continue;
    if (file.backup && file.backup->options().double_checkpoint)
      move(file.path, file.backup->previous());
    write_checkpoint(state, position, file.path);
  }
}

void Checkpoints::remove_backups() const {
  for (const File& file : files_) {
    if (!file.backup || !file.backup->options().delete_checkpoint) continue;
    std::error_code ignored;
    fs::remove(file.backup->previous(), ignored);
    fs::remove(file.path, ignored);
    // Stays where it holds something else.
    fs::remove(file.backup->folder(), ignored);
  }
}

}  // namespace sinew::model
