using System.Text;
using IlgpuSpp.Data;
using IlgpuSpp.Data.Imaging;
using IlgpuSpp.Processes;

namespace IlgpuSpp.Fuzz;

/// <summary>Files that say what images show: VOC's XML and lists, COCO's JSON, tables of boxes and of classes. Two images lie beside them.</summary>
internal sealed class AnnotationKind : FuzzKind
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _path;
    private readonly Action<string> _open;

    private AnnotationKind(string name, string path, string[] openers, Action<string> open, params string[] seeds)
    {
        (Name, _path, Openers, _open) = (name, path, openers, open);
        Seeds = [.. seeds.Select(Encoding.UTF8.GetBytes)];
        byte[] image = ImageWriter.Png(new RgbImage(6, 5));
        foreach (string file in (string[])["a.png", "b.png", "JPEGImages/a.png", "JPEGImages/b.png"]) _folder.Write(file, image);
        foreach (string file in (string[])["Annotations/a.xml", "Annotations/b.xml"]) _folder.Write(file, "<annotation/>"u8.ToArray());
    }

    public static IReadOnlyList<string> Names { get; } = ["voc", "coco", "boxes", "manifest", "set"];

    public static AnnotationKind Create(string name) => name switch
    {
        "voc" => new(name, "Annotations/a.xml", ["<a>", "<object>", "<part><bndbox>", "<!--"], path => DetectionData.OpenAll(Folder(path)),
            """<?xml version="1.0" encoding="utf-8"?><annotation><filename>a.png</filename><size><width>6</width><height>5</height></size><object><name>dog</name><difficult>0</difficult><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>5</xmax><ymax>5</ymax></bndbox></object></annotation>""",
            """
            <!DOCTYPE annotation SYSTEM "voc.dtd">
            <annotation>
              <filename>a.png</filename>
              <object><name>big &amp; cat</name><truncated>Unspecified</truncated><difficult>1</difficult><bndbox><xmin>1.5</xmin><ymin>2</ymin><xmax>5</xmax><ymax>4</ymax></bndbox><part><name>head</name><bndbox><xmin>1</xmin></bndbox></part></object>
              <object><name>dog</name><polygon><x1>1</x1></polygon></object>
            </annotation>
            """),
        "coco" => new(name, "data.json", ["[", "{\"a\":", "{\"images\":[", "[[1,"], path => DetectionData.OpenAll(path),
            """{"images":[{"id":1,"file_name":"a.png","width":6,"height":5},{"id":2,"file_name":"b.png"}],"annotations":[{"id":1,"image_id":1,"category_id":3,"bbox":[1,1,4,3],"iscrowd":0,"segmentation":[[1,2]]}],"categories":[{"id":3,"name":"dog"}]}""",
            """{"info":{"year":2017},"images":[{"id":"x","file_name":"a.png","width":null,"height":5.0}],"annotations":[{"image_id":"x","category_id":3,"bbox":[0.5,0,4,3.25],"iscrowd":true,"area":13,"segmentation":{"counts":[1,2],"size":[5,6]}}],"categories":[{"id":3,"name":"dog","supercategory":"animal"},{"id":4,"name":"dog"}]}"""),
        "boxes" => new(name, "data.csv", ["\"", "\"\"", ",", "\n"], path => DetectionData.OpenAll(path),
            "file,class,x1,y1,x2,y2,difficult\na.png,dog,1,1,5,5,0\nb.png,,,,,,\n\"a.png\",\"big, cat\",2.5,3,9,9,1\n"),
        "manifest" => new(name, "manifest.csv", ["\"", "\"\"", ",", "\n"], path => CsvManifest.Open(path),
            "file,class,split\na.png,dog,train\nb.png,cat,\nJPEGImages/a.png,cat,val\n", "class,file\r\n\"dog \"\"1\"\"\",a.png\r\ncat,JPEGImages/b.png\r\n"),
        "set" => new(name, "ImageSets/Main/train.txt", [" ", "a ", "-1 ", "\n"], path => DetectionData.OpenAll(Folder(Path.GetDirectoryName(path)!), new AnnotationOptions { Set = "train" }),
            "a\nb 1\n", "a.png -1\r\n  b  0\r\n"),
        _ => throw new ArgumentException($"There is no kind '{name}'.", nameof(name)),
    };

    public override string Name { get; }

    public override string Extension => Path.GetExtension(_path);

    public override IReadOnlyList<byte[]> Seeds { get; }

    protected override IReadOnlyList<string> Openers { get; }

    public override bool Documents(Exception error) => error is DatasetException;

    public override void Read(byte[] file) => _open(_folder.Write(_path, file));

    public override void Dispose()
    {
        _folder.Dispose();
        base.Dispose();
    }

    private static string Folder(string path) => Path.GetDirectoryName(Path.GetDirectoryName(path))!;
}
