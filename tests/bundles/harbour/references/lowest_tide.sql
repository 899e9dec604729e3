SELECT MIN(level_cm) FROM gauge_readings WHERE DATE(taken_at) = @day;
