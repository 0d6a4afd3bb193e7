"""What demo students wrote: right, nearly right, wrong, unfinished. Keys are grade ids; the rest is the reference."""

SLIPS: dict[str, tuple[dict[str, str], ...]] = {
    "numpy-basics": (
        {},
        {"standardise": "def standardise(x):\n    return (x - x.mean(axis=0)) / x.std(axis=0)"},
        {"distances": "def distances(a, b):\n    return ((a[:, None, :] - b[None, :, :]) ** 2).sum(axis=-1)"},
        {"one_hot": "def one_hot(labels, classes):\n    # YOUR CODE HERE\n    raise NotImplementedError()"},
        {"standardise": "def standardise(x):\n    return (x - x.mean()) / x.std()"},
        {},
    ),
    "backpropagation": (
        {},
        {"softmax": "def softmax(scores):\n    e = np.exp(scores)\n    return e / e.sum(axis=1, keepdims=True)"},
        {
            "gradients": (
                "def gradients(weights, X, y):\n"
                "    scores, hidden = forward(weights, X)\n"
                "    d = softmax(scores)\n"
                "    d[np.arange(len(y)), y] -= 1\n"
                "    d /= len(y)\n"
                '    back = d @ weights["W2"].T  # the mask of the ReLU is missing\n'
                '    return {"W1": X.T @ back, "b1": back.sum(axis=0), "W2": hidden.T @ d, "b2": d.sum(axis=0)}'
            )
        },
        {},
        {"gradients": "def gradients(weights, X, y):\n    # YOUR CODE HERE\n    raise NotImplementedError()"},
    ),
    "convolution": (
        {},
        {
            "convolve": (
                "def convolve(image, kernel):\n"
                "    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)\n"
                '    return np.einsum("ijab,ab->ij", windows, kernel[::-1, ::-1])'
            )
        },
        {
            "max_pool": (
                "def max_pool(image, size=2):\n"
                "    h, w = image.shape\n"
                "    return image.reshape(h // size, size, w // size, size).max(axis=(1, 3))"
            )
        },
    ),
}

ANALYSES: dict[str, tuple[str, ...]] = {
    "numpy-basics": (
        (
            "If one column is a thousand times larger, its weight's gradient is too. The learning rate "
            "must then suit the largest column and the others hardly learn. After standardising all "
            "directions have a similar curvature."
        ),
        "We standardise because networks like small numbers. Without it training is slower.",
        "标准化之后各个特征的梯度大小相近，学习率更容易选择。否则损失曲面是狭长的山谷，梯度下降会来回震荡。",
        (
            "Because the loss surface becomes rounder: I plotted the points before and after and the "
            "cloud is now a circle."
        ),
    ),
    "backpropagation": (
        (
            "I checked every gradient with central differences (step 1e-5) and they agree to 1e-7. "
            "Without the mask the inactive units get gradient although they did not contribute to the "
            "output, so the step is wrong."
        ),
        ("The numeric check shows 6 of 6. If the mask is missing the training loss is higher at the end."),
        "梯度检验全部通过。如果去掉 ReLU 的掩码，没有激活的单元也会被更新，方向就不再是负梯度方向。",
    ),
    "convolution": (
        (
            "The filter answers to vertical edges only: along horizontal edges the positive and negative "
            "weights cancel. Pooling throws away the exact place, which hurts when we need to locate "
            "something."
        ),
        "It finds vertical edges. Pooling makes the image smaller.",
    ),
}

PRINTED = {
    "numpy-basics": "spread before [2.76 0.46] after [1. 1.]\n",
    "backpropagation": "first 0.760, last 0.027\n",
    "convolution": "strongest answer 4.0 at [3 7]\n",
}

COMMENTS = (
    ("3", "Clear and correct: you name the cause and the effect."),
    ("1.5", "True, but say why. What happens to the gradients?"),
    ("2.5", "Very good picture. One more sentence on the learning rate would make it complete."),
    ("2", "Good observation from your own plot."),
)
