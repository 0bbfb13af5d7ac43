do $peristyle$
declare
  statement text;
  number int := 0;
  failed jsonb := '[]';
begin
  for statement in select jsonb_array_elements_text(current_setting('peristyle.statements')::jsonb) loop
    begin
      execute statement;
    exception when others then
      failed := failed || jsonb_build_object('statement', number, 'code', sqlstate, 'message', sqlerrm);
    end;
    number := number + 1;
  end loop;
  perform set_config('peristyle.failed', failed::text, true);
end
$peristyle$
