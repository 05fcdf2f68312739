#include "sinew/model/callbacks/backup_and_restore.h"

#include <fmt/format.h>

#include "sinew/base/error.h"

namespace sinew::callbacks {

BackupAndRestore::BackupAndRestore(std::string backup_dir, BackupAndRestoreOptions options)
    : folder_(std::move(backup_dir)), options_(options) {
  if (folder_.empty()) throw ValueError("BackupAndRestore: backup_dir is empty: name a folder");
  if (options_.save_freq < 0) {
    throw ValueError(fmt::format(
        "BackupAndRestore: save_freq is {}; it is a number of steps, or 0 for each epoch",
        options_.save_freq));
  }
}

}  // namespace sinew::callbacks
