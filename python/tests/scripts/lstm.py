import tensorflow as tf
from keras.layers import LSTM, Dense
from keras.models import Sequential

from data import input_dim, output_dim, timesteps, x_test, x_train, y_test, y_train

model = Sequential()
model.add(LSTM(16, input_shape=(timesteps, input_dim), return_sequences=True))
model.add(LSTM(16, return_sequences=True))
model.add(LSTM(16))
model.add(Dense(output_dim, activation='softmax'))
model.compile(optimizer='adam', loss='categorical_crossentropy', metrics=['accuracy'])
history = model.fit(x_train, y_train, epochs=2, batch_size=32, validation_data=(x_test, y_test))
print(sorted(history.history), tf.keras.Sequential is Sequential)
