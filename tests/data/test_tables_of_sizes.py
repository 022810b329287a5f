"""Tables of sizes as tools and people write them: each is read right, asked about or refused; never another number."""

import json

import numpy as np
import pytest

from core.data.sizes import SizesRefused, read_files, read_sizes

COCO = {
    "images": [{"id": 1, "width": 640, "height": 480, "file_name": "a.jpg"}],
    "categories": [{"id": 18, "name": "dog"}],
    "annotations": [
        {
            "id": 11,
            "image_id": 1,
            "category_id": 18,
            "iscrowd": 0,
            "area": 702.1,
            "bbox": [473.07, 395.93, 38.65, 28.67],
        },
        {"id": 12, "image_id": 1, "category_id": 18, "iscrowd": 0, "area": 90.0, "bbox": [10, 20, 9, 12.5]},
        {"id": 13, "image_id": 1, "category_id": 18, "iscrowd": 1, "area": 9e4, "bbox": [0, 0, 300, 300]},
    ],
}
RESULTS = [
    {"image_id": 42, "category_id": 18, "bbox": [258.15, 41.29, 348.26, 243.78], "score": 0.236},
    {"image_id": 73, "category_id": 11, "bbox": [61, 22.75, 504, 609.67], "score": 0.318},
]
LABELME = {
    "version": "5.3.1",
    "imagePath": "a.jpg",
    "imageHeight": 480,
    "imageWidth": 640,
    "shapes": [
        {"label": "cell", "points": [[10.5, 20.0], [40.5, 32.0]], "shape_type": "rectangle"},
        {"label": "cell", "points": [[1, 1], [9, 3], [4, 21]], "shape_type": "polygon"},
        {"label": "cell", "points": [[100, 100], [103, 104]], "shape_type": "circle"},
        {"label": "mark", "points": [[5, 5]], "shape_type": "point"},
    ],
}
IMAGEJ = """ ,Label,Area,Mean,Min,Max,Circ.,AR,Round,Solidity
1,cells.tif,314.159,120.5,10,255,0.912,1.1,0.9,0.98
2,cells.tif,78.540,99.25,8,250,0.871,1.2,0.8,0.97
"""
VIA = """filename,file_size,file_attributes,region_count,region_id,region_shape_attributes,region_attributes
a.jpg,81924,"{}",2,0,"{""name"":""rect"",""x"":10,""y"":20,""width"":30,""height"":12}","{}"
a.jpg,81924,"{}",2,1,"{""name"":""circle"",""cx"":50,""cy"":60,""r"":8.5}","{}"
b.jpg,70000,"{}",0,0,"{}","{}"
"""
WHEAT = """image_id,width,height,bbox,source
b6ab77fd7,1024,1024,"[834.0, 222.0, 56.0, 36.0]",usask_1
b6ab77fd7,1024,1024,"[226.0, 548.0, 130.0, 58.0]",usask_1
"""

# What is read without a question: name of the case, text, sizes, words of the note.
RIGHT = {
    "a video's frame beside the object": (
        "frame_width,frame_height,track_id,obj_width,obj_height\n1920,1080,7,50,80\n1920,1080,8,20,30\n",
        [80, 30],
        "obj_width and obj_height",
    ),
    "a type size beside corners": (
        "object,x0,y0,x1,y1,font_size\na,1,2,11,32,12\nb,5,5,25,15,12\n",
        [30, 20],
        "x1 − x0 and y1 − y0",
    ),
    "a box as JSON in a cell": (
        'id,bbox\n1,"{""x"":10,""y"":20,""w"":30,""h"":40}"\n2,"{""x"":1,""y"":2,""w"":50,""h"":10}"\n',
        [40, 50],
        "column bbox as x, y, width, height",
    ),
    "turned boxes": ("cx,cy,w,h,theta\n100,100,10,20,45\n50,40,30,5,90\n", [20, 30], "columns w and h"),
    "a minus of typesetters": ("x,y,w,h\n−5,3,10,20\n4,−7,30,8\n", [20, 30], "columns w and h"),
    "a row of sums": ("name,size\na,10\nb,20\nTotal,30\n", [10, 20], "1 row of sums"),
    "COCO": (json.dumps(COCO), [38.65, 12.5], "larger side of the COCO boxes of t.csv; 1 crowd left out"),
    "COCO, indented": (json.dumps(COCO, indent=4), [38.65, 12.5], "COCO"),
    "COCO results": (json.dumps(RESULTS), [348.26, 609.67], "column bbox as x, y, width, height"),
    "COCO as CSV": (
        "id,image_id,category_id,bbox_x,bbox_y,bbox_width,bbox_height,area\n1,7,3,10,20,30.5,12,300\n2,7,3,4,5,6,18,99\n",
        [30.5, 18],
        "bbox_width and bbox_height",
    ),
    "labelme": (json.dumps(LABELME), [30, 20, 10], "labelme's shapes of t.csv; 1 point or line left out"),
    "a list in JSON": ("[12.5, 30, 7]", [12.5, 30, 7], "3 sizes from t.csv"),
    "records in JSON": (
        '[{"id": 1, "diameter": 12.5}, {"id": 2, "diameter": null}, {"id": 3, "diameter": 9}]',
        [12.5, 9],
        "diameter",
    ),
    "NumPy prints": ("[12.5 30. 7.25]", [12.5, 30, 7.25], "3 sizes"),
    "wheat heads": (WHEAT, [56, 130], "column bbox as x, y, width, height"),
    "Pascal VOC": (
        "filename,width,height,class,xmin,ymin,xmax,ymax\na.jpg,500,375,dog,48,240,195,371\na.jpg,500,375,cat,8,12,352,498\n",
        [147, 486],
        "width and height not taken, as the size of the image",
    ),
    "TensorFlow": (
        "image_path,xmin,ymin,xmax,ymax,label\na.jpg,10,20,40,30,2\nb.jpg,5,5,10,45,1\n",
        [30, 40],
        "xmax − xmin",
    ),
    "corners by number": ("x1,y1,x2,y2,class\n10,20,40,30,2\n5,5,10,45,1\n", [30, 40], "x2 − x1"),
    "corners from 0": ("x0,y0,x1,y1\n10,20,40,30\n5,5,10,45\n", [30, 40], "x1 − x0"),
    "CVAT": ("label,xtl,ytl,xbr,ybr\na,1.5,2,30,40\nb,2,3,50.25,45\n", [38, 48.25], "xbr − xtl"),
    "QuPath": ("Image\tName\tNucleus: Max caliper\na.tif\tCell\t8.25\na.tif\tCell\t9\n", [8.25, 9], "Max caliper"),
    "edges": ("left;top;right;bottom\n10;20;40;30\n5;5;10;45\n", [30, 40], "right − left"),
    "VIA": (VIA, [30, 17], "region_shape_attributes as x, y, width, height of t.csv; 1 row without"),
    "regionprops, boxes alone": (
        "label,bbox-0,bbox-1,bbox-2,bbox-3\n1,10,20,22,50\n2,0,0,8,7\n",
        [30, 8],
        "bbox-3 − bbox-1",
    ),
    "regionprops, one diameter": (
        "label,area,equivalent_diameter_area,eccentricity,orientation\n1,78.54,10.0,0.5,1.2\n2,314.16,20.0,0.1,-0.3\n",
        [10, 20],
        "equivalent_diameter_area",
    ),
    "regionprops with an index": (
        ",label,centroid-0,centroid-1,axis_major_length\n0,1,5.5,6.5,12.25\n1,2,9.5,1.5,30.5\n",
        [12.25, 30.5],
        "axis_major",
    ),
    "ImageJ, area": (IMAGEJ, [20, 10], "disc as large as column Area"),
    "ImageJ, Feret": (
        " \tArea\tFeret\tFeretX\tFeretY\tFeretAngle\n1\t314.159\t21.095\t5\t6\t45.000\n"
        "2\t78.540\t11.180\t9\t1\t26.565\nMean\t196.349\t16.138\t7\t3\t35.8\nSD\t166.6\t7.0\t2.8\t3.5\t13.0\n",
        [21.095, 11.18],
        "2 rows of sums at the end left out",
    ),
    "CellProfiler": (
        "ImageNumber,ObjectNumber,AreaShape_EquivalentDiameter,AreaShape_FormFactor,AreaShape_Eccentricity\n"
        "1,1,12.25,0.9,0.1\n1,2,30.5,0.8,0.2\n",
        [12.25, 30.5],
        "AreaShape_EquivalentDiameter",
    ),
    "camel case": ("id,boxWidth,boxHeight\n17,10.5,20\n18,30,25\n", [20, 30], "boxWidth and boxHeight"),
    "German": ("Nr;Größe\n1;12,5\n2;30\n3;7,25\n", [12.5, 30, 7.25], "column Größe"),
    "German from Excel": ("sep=;\r\nNr;Breite;Höhe\r\n1;12,5;3\r\n2;30;31,5\r\n", [12.5, 31.5], "Breite and Höhe"),
    "German, thousands": ("Nr;Größe (px)\n1;1.012,5\n2;30,0\n3;1.234\n", [1012.5, 30, 1234], "Größe"),
    "German, titles and units": (
        "Messung vom 12.5.2024;;\nMikroskop 3;;\n\nNr;Durchmesser;Klasse\n;px;\n1;12,5;3\n2;30,25;1\n",
        [12.5, 30.25],
        "Durchmesser",
    ),
    "German, sums": ("Nr;Größe\n1;12,5\n2;30,5\nMittelwert;21,5\nSumme;43,0\n", [12.5, 30.5], "2 rows of sums"),
    "French": ("n°;taille;catégorie\n1;1\u202f012,5;a\n2;30,25;b\n", [1012.5, 30.25], "column taille"),
    "French, spaces": ("no;Diamètre\n1;1 012,5\n2;30,5\n", [1012.5, 30.5], "column Diamètre"),
    "Swiss": ("id;size\n1;1'012.5\n2;30.5\n", [1012.5, 30.5], "column size"),
    "English, thousands": ('id,size\n1,"1,012.5"\n2,30.5\n', [1012.5, 30.5], "column size"),
    "quoted": ('"id","label","size"\n"1","a, b","12.5"\n"2","c ""d""","30"\n', [12.5, 30], "column size"),
    "pandas, missing": (
        "name,size\na,12.5\nb,\nc,NA\nd,nan\ne,-\nf,30\n",
        [12.5, 30],
        "4 rows without a value left out",
    ),
    "R, names of rows": ('"size" "class"\n"1" 12.5 "a"\n"2" 30 "b"\n', [12.5, 30], "column size"),
    "NumPy saves": ("# id size\n1.000000e+00 1.250000e+01\n2.000000e+00 3.000000e+01\n", [12.5, 30], "column size"),
    "SQL prints": ("id|diameter\n1|12.5\n2|30\n", [12.5, 30], "column diameter"),
    "tabs": ("object\tdiameter [px]\n7\t12.5\n9\t30\n", [12.5, 30], "diameter"),
    "units in cells": ("12.5 px\n30 px\n", [12.5, 30], "2 sizes"),
    "a line of numbers": ("12.5, 30, 7.25\n", [12.5, 30, 7.25], "3 sizes"),
    "a German line": ("12,5; 30; 7,25\n", [12.5, 30, 7.25], "3 sizes"),
    "a line with a name": ("sizes: 12 30 7\n", [12, 30, 7], "3 sizes"),
    "decimal commas below each other": ("Größe\n12,5\n30,25\n", [12.5, 30.25], "Größe"),
    "a heading of its own": ("Nr,Wert\n1,12.5\n2,30.5\n", [12.5, 30.5], "column Wert of t.csv; Nr not taken"),
    "numbers in front": ("#;size\n1;12.5\n2;30\n", [12.5, 30], "column size"),
    "metadata above": (
        "Instrument,3,,\nObjects,2,,\nid,class,width,height\n1,4,12.5,3\n2,4,30,31\n",
        [12.5, 31],
        "width and height",
    ),
    "micrometres": ("id,Feret (µm)\n1,12.5\n2,30\n", [12.5, 30], "in µm, which count as pixels here"),
}

# What is asked about: text, and each candidate's sizes (None: fractions of the image).
ASKED = {
    "width twice": ("width,width\n10,20\n30,40\n", [[10, 30], [20, 40]]),
    "decimals of a German table": ("Durchmesser;Anzahl\n1.234;5\n2.345;6\n", [[1.234, 2.345], [1234, 2345]]),
    "ImageJ, all": (
        " ,Area,Width,Height,Major,Minor,Feret,MinFeret\n"
        "1,78.54,10,11,10.5,9.5,12.25,9\n2,314.2,20,21,20.5,19.5,22.25,19\n",
        [[11, 21], [10.5, 20.5], [9.5, 19.5], [12.25, 22.25], [9, 19], [10, 20.0019]],
    ),
    "regionprops, all": (
        "label,bbox-0,bbox-1,bbox-2,bbox-3,area,axis_major_length,axis_minor_length,equivalent_diameter\n"
        "1,10,20,22,50,78.54,31,11,10\n2,0,0,8,7,314.16,9,6,20\n",
        [[30, 8], [31, 9], [11, 6], [10, 20]],
    ),
    "no headings": ("12.5,3.5\n30,4.5\n", [[12.5, 30], [3.5, 4.5]]),
    "thousands or decimals": ("id;size\n1;1,234\n2;2,345\n", [[1234, 2345], [1.234, 2.345]]),
    "three decimals or thousands": ("12.375\n23.456\n", [[12.375, 23.456], [12375, 23456]]),
    "commas below each other": ("12,5\n30,25\n", [[12, 30], [5, 25], [12.5, 30.25]]),
    "width and height, or an image": ("file,width,height\na,640,480\nb,640,480\n", [[640, 640]]),
    "thousands below each other": ("1 234\n2 345\n", [[234, 345], [1234, 2345]]),
    "thousands or two columns": ("Object size\n1 234\n2 345\n", [[234, 345], [1234, 2345]]),
    "one column that is wrong": ("size,diameter\n5,-1\n6,7\n", [[5, 6]]),
    "the same heading twice": ("size,size\n1.5,2\n3,4\n", [[1.5, 3], [2, 4]]),
    "a histogram": ("size;count\n10;500\n20;3\n", [[10, 20]]),
    "length and width": ("leaf,length,width\na,12.5,3\nb,30,4\n", [[3, 4], [12.5, 30]]),
    "no headings, numbered": ("3;12,5;1\n7;30;2\n", [[3, 7], [12.5, 30]]),
    "thousands in quotes": ('id,size\n1,"1,234"\n2,"30"\n', [[1234, 30], [1.234, 30]]),
    "four columns": (
        "10 20 40 30\n1 2 9 33\n",
        [[40, 33], [30, 31], [10, 1], [20, 2], [40, 9], [30, 33]],
    ),
    "boxes of two kinds": ('img,bbox\na,"[10, 20, 40, 30]"\nb,"[1, 2, 9, 33]"\n', [[40, 33], [30, 31]]),
    "prediction and truth": (
        "gt_xmin,gt_ymin,gt_xmax,gt_ymax,pred_xmin,pred_ymin,pred_xmax,pred_ymax\n"
        "1,1,11,5,1,1,12,5\n2,2,8,33,2,2,9,33\n",
        [[10, 31], [11, 31]],
    ),
}

YOLO = "0 0.481719 0.634028 0.690625 0.713278\n27 0.741094 0.524306 0.314750 0.933389\n"
FRACTIONS = {
    "YOLO": YOLO,
    "YOLO with confidence": "".join(f"{line} 0.9{i}\n" for i, line in enumerate(YOLO.splitlines())),
    "YOLO as CSV": "class,x_center,y_center,width,height\n" + YOLO.replace(" ", ","),
    "Open Images": (
        "ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,IsOccluded\n"
        "a,x,/m/01,1,0.1,0.790625,0.1,0.813278,0\nb,x,/m/01,1,0.2,0.51475,0.0,0.933389,0\n"
    ),
}

REFUSED = {
    "bytes": ("name,size_bytes\na,102400\nb,204800\n", "no column of numbers that may be sizes"),
    "numbers of the rows beside volumes": ("cell,volume\n1,1000\n2,8000\n", "columns are cell, volume"),
    "a score": ("confidence,score\n0.9,0.8\n0.7,0.6\n", "columns are confidence, score"),
    "the headings once more": ("id,size\n1,10\nid,size\n3,30\n", 'Line 3 holds "size"'),
    "too many columns": ("size" + ",n" * 500 + "\n" + ("5" + ",1" * 500 + "\n") * 2, "501, where at most 500 are read"),
    "a title above commas": ("Measured boxes\n10,20\n30,25\n", "several columns, or one of numbers with commas inside"),
    "one side is no number": ("width,height\n5,6\n7,inf\n", 'Line 3 holds "inf"'),
    "a strange separator": ("sep=x\nax5\nbx6\n", "separator that cannot be used: x"),
    "commas in and between numbers": ("id,size\n1,12,5\n2,30,25\n", "separator or a decimal mark"),
    "one row with a comma too many": ("id,size\n1,12\n2,30\n3,7,5\n", "Line 4 has 3 columns, where 2 are expected"),
    "points and commas": ("size\n12.5\n30,5\n", 'Line 2 holds "12.5" and line 3 "30,5"'),
    "a line, one number or two": ("12,5\n", "may be one number, or 2 sizes, 12, 5"),
    "a line, thousands": ("1 234 567\n", "may be one number, or 3 sizes"),
    "a line of two marks": ("12,5, 30,25, 7\n", "may hold 5 sizes, 12, 5, 30, 25, 7, or 3, 12,5; 30,25; 7"),
    "ids alone": ("id,class\n1,3\n2,5\n", "no column of numbers that may be sizes: its columns are id, class"),
    "positions alone": ("x,y\n1.5,3\n2.5,5\n", "no column of numbers that may be sizes"),
    "Indian thousands": ('size,class\n"1,23,456",1\n"30",2\n', 'Line 2 holds "1,23,456"'),
    "segments of YOLO": (
        "0 0.1 0.2 0.3 0.4 0.5 0.6\n0 0.1 0.2 0.3 0.4\n1 0.5 0.5 0.6 0.6 0.7 0.7 0.1 0.2\n",
        "holds no numbers",
    ),
    "XML": ("<annotation><object/></annotation>", "XML or HTML"),
    "JSON of something": ('{"type": "FeatureCollection"}', "JSON of a kind that cannot be read"),
    "JSON that was cut": (json.dumps(COCO)[:200], "may have been cut"),
    "JSON nested deeply": ("[" * 100_000, "nested too deeply"),
    "an edge before the other": ("xmin,ymin,xmax,ymax\n10,0,5,5\n0,0,5,5\n", "Line 2 holds -5 × 5"),
    "too small": ("1\n1e-320\n", "Line 2 holds"),
    "an open quotation mark": ('name,size\n"a,12\n' + "b,30\n" * 60_000, "holds no numbers"),
}


def read(text: str, encoding: str = "utf-8"):
    return read_sizes(text.encode(encoding), "t.csv")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("kind", RIGHT)
def test_an_ordinary_table_is_read_right(kind, encoding):
    text, sizes, words = RIGHT[kind]
    measured = read(text, encoding).sizes()
    assert measured.values.tolist() == pytest.approx(sizes, rel=1e-5)
    assert measured.note.startswith(f"{len(sizes)} sizes from ")
    assert words in measured.note


@pytest.mark.parametrize("kind", ASKED)
def test_where_several_columns_are_possible_none_is_taken(kind):
    text, expected = ASKED[kind]
    found = read(text)
    assert found.clear is None
    assert [each.sizes().values.tolist() for each in found] == [pytest.approx(sizes, rel=1e-3) for sizes in expected]
    for each, sizes in zip(found, expected, strict=True):
        assert f": 2 values, {min(sizes):g}" in each.preview
    with pytest.raises(SizesRefused) as refused:
        found.sizes()
    assert found.candidates[0].preview in str(refused.value)


@pytest.mark.parametrize("kind", FRACTIONS)
def test_fractions_of_the_image_need_its_size(kind):
    found = read(FRACTIONS[kind])
    assert found.clear == 0
    with pytest.raises(SizesRefused, match="give the width and height of the images"):
        found.sizes()
    measured = found.sizes((640, 480))
    assert measured.values.tolist() == pytest.approx([0.690625 * 640, 0.933389 * 480])
    assert "640 × 480 pixels" in measured.note


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_read_right_is_refused_in_one_sentence(kind):
    text, words = REFUSED[kind]
    with pytest.raises(SizesRefused, match=words) as refused:
        read(text).sizes()
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 400


def test_labels_of_yolo_come_in_one_file_per_image():
    first, second = YOLO.splitlines()
    files = [("classes.txt", b"dog\ncat\n"), ("a.txt", first.encode()), ("b.txt", b""), ("c.txt", second.encode())]
    measured = read_files(files).sizes((640, 480))
    assert measured.values.tolist() == pytest.approx([0.690625 * 640, 0.933389 * 480])
    assert "2 files of labels" in measured.note
    assert read_files(files[::-1], folder=True).sizes((640, 480)).values.size == 2
    with pytest.raises(SizesRefused, match="No picture could be measured"):
        read_files(files[:1], folder=True)


def test_a_table_is_read_alone_whatever_was_there_before_it():
    files = [("a.txt", YOLO.encode()), ("sizes.csv", b"size\n12.5\n30\n")]
    assert read_files(files).sizes().values.tolist() == [12.5, 30]


def test_an_old_excel_document_is_named():
    with pytest.raises(SizesRefused, match="is an Excel document; export the table as CSV"):
        read_sizes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "t.xls")


@pytest.mark.parametrize("mark", [";", "\t"])
@pytest.mark.parametrize("decimal", [".", ","])
def test_a_number_is_never_another_one(mark, decimal):
    """However numbers are rounded and written, what is taken, or first in question, is what was meant."""
    rng = np.random.default_rng(0)
    asked = 0
    for digits in range(5):
        for rows in (2, 3, 30):
            sizes = [round(float(each), digits) for each in rng.lognormal(3, 2, rows) + 1]
            cells = [f"{size:.{digits}f}".replace(".", decimal) for size in sizes]
            found = read("\n".join([f"nr{mark}size", *(f"{i}{mark}{cell}" for i, cell in enumerate(cells))]))
            asked += found.clear is None
            meant = [each.sizes().values.tolist() for each in found]
            assert sizes in ([meant[found.clear]] if found.clear is not None else meant)
    assert asked <= 3  # of 15: those with three digits alone can be thousands
