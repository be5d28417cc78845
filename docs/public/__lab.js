// npm start answers this itself: a page learns from it that a lab server is there.
