namespace Actors.Hocon;

internal sealed partial class Parser
{
    private void ParseInclude(ObjectNode target, PathScope at)
    {
        var position = _scanner.Position;
        _scanner.TryTake("include");
        _scanner.SkipToNext();
        var required = TakeOpening("required(");
        var kind = TakeOpening("file(") ? HoconIncludeKind.File
            : TakeOpening("classpath(") ? HoconIncludeKind.ClassPath
            : TakeOpening("url(") ? HoconIncludeKind.Url
            : HoconIncludeKind.Name;
        if (_scanner.AtEnd || _scanner.Current != '"')
            throw _scanner.Error($"include takes a name in quotes, file(\"...\"), classpath(\"...\") or required(...), {_scanner.Found} was found; a key named include is written \"include\"");
        var name = _scanner.TakeQuoted();
        if (kind != HoconIncludeKind.Name) TakeClosing();
        if (required) TakeClosing();
        Include(target, at, position, new HoconIncludeRequest(kind, name, source.Name), required);
    }

    private void Include(ObjectNode target, PathScope at, HoconPosition position, HoconIncludeRequest request, bool required)
    {
        HoconIncludeResult result;
        try
        {
            result = budget.Options.Includes.Find(request);
        }
        catch (Exception e) when (HoconFile.Unreadable(e))
        {
            throw _scanner.Error(position, $"\"{request.Name}\" cannot be read: {e.Message}");
        }
        if (result.Refusal is { } reason) throw _scanner.Error(position, $"\"{request.Name}\": {reason}");
        if (required && result.Texts.Count == 0) throw _scanner.Error(position, $"\"{request.Name}\" is required and was not found");
        foreach (var text in result.Texts)
        {
            budget.BeginInclude(position, text.FileName);
            var root = new Parser(new SourceText(text.FileName, text.Text), budget, at.Included(target)).ParseDocument();
            target.Merge(root as ObjectNode ?? throw new HoconException(root.Position, "", "an included file holds fields, not a list"));
        }
    }

    private bool TakeOpening(string word)
    {
        if (!_scanner.TryTake(word)) return false;
        _scanner.TakeBlanks();
        return true;
    }

    private void TakeClosing()
    {
        _scanner.TakeBlanks();
        if (!_scanner.TryTake(')')) throw _scanner.Error($"')' is expected, {_scanner.Found} was found");
    }
}
