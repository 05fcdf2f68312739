#pragma once

#include <cstdint>
#include <string>

#include "sinew/model/callback.h"

namespace sinew::callbacks {

struct BackupAndRestoreOptions {
  /// Back up after so many steps; 0: at the end of each epoch.
  std::int64_t save_freq = 0;
  /// Keep the backup before the last one too, for when the last cannot be read.
  bool double_checkpoint = false;
  /// Remove the backup when the training has come to its end.
  bool delete_checkpoint = true;
};

/// Lets a training outlive its process: the same program, started again after whatever ended it,
/// goes on from the last backup, in mid-epoch too, and ends in the same bits as one that was never
/// interrupted. The backup is a checkpoint, as fit()'s `checkpoint` writes them, in a folder that
/// holds nothing else; it holds the state of the other callbacks too. Where there is one, fit()'s
/// `resume` is not looked at. A training of other data, another model or other callbacks is
/// refused, as there.
class BackupAndRestore : public Callback {
 public:
  /// Throws ValueError for an empty name or a negative save_freq.
  explicit BackupAndRestore(std::string backup_dir, BackupAndRestoreOptions options = {});

  const BackupAndRestoreOptions& options() const { return options_; }
  const std::string& folder() const { return folder_; }
  std::string latest() const { return folder_ + "/latest.safetensors"; }
  std::string previous() const { return folder_ + "/previous.safetensors"; }

 private:
  std::string folder_;
  BackupAndRestoreOptions options_;
};

}  // namespace sinew::callbacks
