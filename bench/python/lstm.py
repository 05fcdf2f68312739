import tensorflow as tf
from tensorflow.keras.layers import LSTM, Dense
from tensorflow.keras.models import Sequential

from data import epochs, one_hot, windows

model = Sequential()
model.add(LSTM(128, input_shape=(28, 28), return_sequences=True))
model.add(LSTM(128, return_sequences=True))
model.add(LSTM(128))
model.add(Dense(10, activation='softmax'))
model.compile(optimizer='adam', loss='categorical_crossentropy', metrics=['accuracy'])
model.fit(windows, one_hot, epochs=epochs, batch_size=32, validation_data=(windows[:3200], one_hot[:3200]), verbose=2)
