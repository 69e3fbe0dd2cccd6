-- Since when an operator holds the high-water mark back; null: nobody does.

ALTER TABLE generations ADD COLUMN IF NOT EXISTS held_since Nullable(DateTime64(3, 'UTC')) AFTER inputs;
