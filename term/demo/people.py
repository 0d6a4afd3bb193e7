"""Invented people. Any likeness to a real person is chance."""

LECTURER = ("lecturer", "Prof. Lin Yanqiu")
ASSISTANTS = (
    ("ta1", "Hu Jialing"),
    ("ta2", "Okonkwo Ada"),
    ("ta3", "Peng Shulan"),
    ("ta4", "Castellan Rui"),
    ("ta5", "Mo Zhiheng"),
    ("ta6", "Varga Noémi"),
)
STUDENTS = (
    "An Ruoxi", "Bai Mingche", "Cai Yutong", "Deng Haoran", "Fan Siqi", "Gao Lele", "Han Zimo", "Jiang Wanqing",
    "Kang Yichen", "Lai Xinyue", "Meng Tianyi", "Ning Kexin", "Ou Junhao", "Pan Yulin", "Qin Mohan", "Ren Shiya",
    "Su Chenxi", "Tao Anran", "Wen Bohan", "Xie Ruonan", "Yan Zhihao", "Zeng Mengyao", "Zhuang Yifan", "Zou Jingwen",
)  # fmt: skip
PASSWORD = "gradus-demo"  # noqa: S105  the demo's own, printed at start; the demo never loads into a database with people
