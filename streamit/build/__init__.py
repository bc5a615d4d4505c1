"""A build: plan the partitions, convert each, write its shard, account for every annotation."""
